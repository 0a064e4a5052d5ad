// A small writer of PDF: each page is one JPEG over its whole size, with words for those who don't see it.

const POINTS_PER_INCH = 72;
// The second line, of bytes beyond ASCII, tells programs that copy files not to mend line ends in this one.
const HEAD = "%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n";

/**
 * Make a PDF. `pages` are `{ jpeg, width, height, about }`: the file's bytes, its size in pixels at
 * `pixelsPerInch`, and what it shows, in words.
 */
export function pdf({ pages, pixelsPerInch, title, language, made }) {
  // An object's number is its place in the file: six come first, then each page's four, of which the figure is last.
  const page = (index) => 7 + 4 * index;
  const figure = (index) => page(index) + 3;
  const list = (number) => pages.map((_, index) => `${number(index)} 0 R`).join(" ");
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R /Lang ${text(language)} /MarkInfo << /Marked true >> /StructTreeRoot 4 0 R` +
      ` /ViewerPreferences << /DisplayDocTitle true >> >>`,
    `<< /Type /Pages /Kids [${list(page)}] /Count ${pages.length} >>`,
    `<< /Title ${text(title)} /Creator (Seedream Atelier) /CreationDate (${date(made)}) >>`,
    "<< /Type /StructTreeRoot /K 5 0 R /ParentTree 6 0 R >>",
    `<< /Type /StructElem /S /Document /P 4 0 R /K [${list(figure)}] >>`,
    `<< /Nums [${pages.map((_, index) => `${index} [${figure(index)} 0 R]`).join(" ")}] >>`,
  ];
  pages.forEach(({ jpeg, width, height, about }, index) => {
    const [wide, high] = [width, height].map((pixels) => ((pixels * POINTS_PER_INCH) / pixelsPerInch).toFixed(2));
    const number = page(index);
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${wide} ${high}] /StructParents ${index}` +
        ` /Resources << /XObject << /Page ${number + 2} 0 R >> >> /Contents ${number + 1} 0 R >>`,
      stream("", new TextEncoder().encode(`/Figure << /MCID 0 >> BDC q ${wide} 0 0 ${high} 0 0 cm /Page Do Q EMC`)),
      stream(
        `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB` +
          " /BitsPerComponent 8 /Filter /DCTDecode",
        jpeg,
      ),
      `<< /Type /StructElem /S /Figure /P 5 0 R /Pg ${number} 0 R /K 0 /Alt ${text(about)} >>`,
    );
  });
  return file(objects, "/Root 1 0 R /Info 3 0 R");
}

function stream(facts, bytes) {
  return [`<< ${facts} /Length ${bytes.length} >>\nstream\n`, bytes, "\nendstream"];
}

/** The objects one after the other, and behind them the table of where each begins. */
function file(objects, trailer) {
  const parts = [];
  let size = 0;
  const add = (...content) => {
    const start = size;
    const part = new Blob(content);
    parts.push(part);
    size += part.size;
    return start;
  };
  add(HEAD);
  const starts = objects.map((object, index) => add(`${index + 1} 0 obj\n`, ...[object].flat(), "\nendobj\n"));
  const entries = starts.map((start) => `${String(start).padStart(10, "0")} 00000 n \n`);
  const table = add(`xref\n0 ${entries.length + 1}\n0000000000 65535 f \n${entries.join("")}`);
  add(`trailer\n<< /Size ${entries.length + 1} ${trailer} >>\nstartxref\n${table}\n%%EOF\n`);
  return new Blob(parts, { type: "application/pdf" });
}

/** Any text, as UTF-16 in hexadecimal digits: no character in it can mean something to PDF. */
function text(value) {
  const digits = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at).toString(16).padStart(4, "0"));
  return `<feff${digits.join("")}>`;
}

function date(when) {
  return `D:${new Date(when).toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
}
