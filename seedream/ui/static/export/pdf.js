// A small writer of PDF: each page is one JPEG over its whole size, with words for those who don't see it.

const POINTS_PER_INCH = 72;

/**
 * Make a PDF. `pages` are `{ jpeg, width, height, about }`: the file's bytes, its size in pixels at
 * `pixelsPerInch`, and what it shows, in words.
 */
export function pdf({ pages, pixelsPerInch, title, language, made }) {
  const file = new Writer();
  const page = (index) => ({ page: 7 + 4 * index, content: 8 + 4 * index, image: 9 + 4 * index, figure: 10 + 4 * index });
  const all = pages.map((_, index) => page(index));
  const list = (name) => all.map((each) => `${each[name]} 0 R`).join(" ");
  file.object(
    1,
    `<< /Type /Catalog /Pages 2 0 R /Lang ${text(language)} /MarkInfo << /Marked true >> /StructTreeRoot 4 0 R` +
      ` /ViewerPreferences << /DisplayDocTitle true >> >>`,
  );
  file.object(2, `<< /Type /Pages /Kids [${list("page")}] /Count ${pages.length} >>`);
  file.object(3, `<< /Title ${text(title)} /Creator (Seedream Atelier) /CreationDate (${date(made)}) >>`);
  file.object(4, "<< /Type /StructTreeRoot /K 5 0 R /ParentTree 6 0 R >>");
  file.object(5, `<< /Type /StructElem /S /Document /P 4 0 R /K [${list("figure")}] >>`);
  file.object(6, `<< /Nums [${all.map((each, index) => `${index} [${each.figure} 0 R]`).join(" ")}] >>`);
  pages.forEach(({ jpeg, width, height, about }, index) => {
    const [wide, high] = [width, height].map((pixels) => ((pixels * POINTS_PER_INCH) / pixelsPerInch).toFixed(2));
    const number = page(index);
    file.object(
      number.page,
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${wide} ${high}] /StructParents ${index}` +
        ` /Resources << /XObject << /Page ${number.image} 0 R >> >> /Contents ${number.content} 0 R >>`,
    );
    const drawn = `/Figure << /MCID 0 >> BDC q ${wide} 0 0 ${high} 0 0 cm /Page Do Q EMC`;
    file.stream(number.content, "", new TextEncoder().encode(drawn));
    file.stream(
      number.image,
      `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB` +
        " /BitsPerComponent 8 /Filter /DCTDecode",
      jpeg,
    );
    file.object(
      number.figure,
      `<< /Type /StructElem /S /Figure /P 5 0 R /Pg ${number.page} 0 R /K 0 /Alt ${text(about)} >>`,
    );
  });
  return file.end("/Root 1 0 R /Info 3 0 R");
}

class Writer {
  #parts = [];
  #size = 0;
  #offsets = [];

  constructor() {
    // The second line, of bytes beyond ASCII, tells programs that copy files not to mend line ends in this one.
    this.#add("%PDF-1.7\n%");
    this.#add(new Uint8Array([0xe2, 0xe3, 0xcf, 0xd3]));
    this.#add("\n");
  }

  object(number, content) {
    this.#offsets[number] = this.#size;
    this.#add(`${number} 0 obj\n${content}\nendobj\n`);
  }

  stream(number, facts, bytes) {
    this.#offsets[number] = this.#size;
    this.#add(`${number} 0 obj\n<< ${facts} /Length ${bytes.length} >>\nstream\n`);
    this.#add(bytes);
    this.#add("\nendstream\nendobj\n");
  }

  end(trailer) {
    const start = this.#size;
    const entries = this.#offsets.slice(1).map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`);
    const count = entries.length + 1;
    this.#add(`xref\n0 ${count}\n0000000000 65535 f \n${entries.join("")}`);
    this.#add(`trailer\n<< /Size ${count} ${trailer} >>\nstartxref\n${start}\n%%EOF\n`);
    return new Blob(this.#parts, { type: "application/pdf" });
  }

  #add(part) {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    this.#parts.push(bytes);
    this.#size += bytes.length;
  }
}

/** Any text, as UTF-16 in hexadecimal digits: no character in it can mean something to PDF. */
function text(value) {
  const digits = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at).toString(16).padStart(4, "0"));
  return `<feff${digits.join("")}>`;
}

function date(when) {
  return `D:${new Date(when).toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
}
