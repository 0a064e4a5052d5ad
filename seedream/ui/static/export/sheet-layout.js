// Where the frames of a storyboard go. Measures are in the drawing's own pixels.

const MOST_COLUMNS = 4;
// On paper, a frame smaller than about 75 by 56 mm, or another shape of that size, is hard to see across a table.
const SMALLEST_FRAME = 588 * 441;

/** How many columns a sheet of any length has, by the shape of its frames. */
export function columnsOf(count, ratio) {
  if (ratio >= 1.9) return 2;
  const usual = ratio < 0.95 ? MOST_COLUMNS : 3;
  return count === 4 && ratio >= 0.95 ? 2 : Math.max(2, Math.min(usual, count));
}

/** The grid for a page: as many of the frames as can be shown on it large enough, and those as large as can be. */
export function fitted(count, ratio, room, { gap, caption }) {
  for (let shown = count; ; shown -= 1) {
    const grids = Array.from({ length: MOST_COLUMNS }, (_, index) => {
      const columns = index + 1;
      const rows = Math.ceil(shown / columns);
      const tallest = (room.height - (rows - 1) * gap) / rows - caption;
      const width = Math.min((room.width - (columns - 1) * gap) / columns, tallest * ratio);
      return { columns, width, height: width / ratio };
    });
    const best = grids.reduce((one, other) => (other.width > one.width ? other : one));
    if (shown === 1 || (best.width > 0 && best.width * best.height >= SMALLEST_FRAME)) return best;
  }
}

/** Put frames into a grid, in order; each keeps its own shape within its cell. */
export function placed(frames, { columns, width, height, left, top, gap, caption }) {
  return frames.map((frame, index) => {
    const scale = Math.min(width / frame.width, height / frame.height);
    return {
      frame,
      x: left + (index % columns) * (width + gap),
      y: top + Math.floor(index / columns) * (height + caption + gap),
      width: frame.width * scale,
      height: frame.height * scale,
    };
  });
}
