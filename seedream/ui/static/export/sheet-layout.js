// Where the frames of a series go. Measures are in the drawing's own pixels.

const MOST_COLUMNS = 4;

/** How many columns a series of any length has, by the shape of its frames. */
export function columnsOf(count, ratio) {
  if (ratio >= 1.9) return 2;
  const usual = ratio < 0.95 ? MOST_COLUMNS : 3;
  return count === 4 && ratio >= 0.95 ? 2 : Math.max(2, Math.min(usual, count));
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
