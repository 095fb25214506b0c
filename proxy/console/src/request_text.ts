// A request as people have it at hand (the console of Dashboards, raw HTTP, curl), and one as it is sent, made readable.

export interface Pasted {
  method: string;
  path: string;
  contentType?: string;
  body?: string;
}

/** Words of a command line, as far as curl commands go: quotes, and backslashes at the end of lines. */
function shell_words(text: string): string[] {
  const words: string[] = [];
  for (const [, single, double, plain] of text.replace(/\\\r?\n/g, " ").matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
    words.push(single ?? double?.replace(/\\(.)/g, "$1") ?? plain!);
  }
  return words;
}

function parse_curl(text: string): Pasted | null {
  const words = shell_words(text).slice(1);
  let method = "";
  let url = "";
  let body: string | undefined;
  let contentType: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "-X" || word === "--request") method = words[++at] ?? "";
    else if (["-d", "--data", "--data-raw", "--data-binary"].includes(word)) body = words[++at] ?? "";
    else if (word === "-H" || word === "--header") {
      const [name, ...rest] = (words[++at] ?? "").split(":");
      if (name?.toLowerCase() === "content-type") contentType = rest.join(":").trim();
    } else if (["-u", "--user", "-o", "--cacert"].includes(word)) at++;
    else if (!word.startsWith("-")) url = word;
  }
  if (!url) return null;
  return { method: method || (body === undefined ? "GET" : "POST"), path: url.replace(/^[a-z]+:\/\/[^/]*/, "") || "/", ...(body !== undefined && { body }), ...(contentType && { contentType }) };
}

/** Null if it is none of the forms. */
export function parse_request(text: string): Pasted | null {
  const trimmed = text.trim();
  if (/^curl\s/.test(trimmed)) return parse_curl(trimmed);
  const [first = "", ...lines] = trimmed.split(/\r?\n/);
  const line = /^([A-Za-z]+)\s+(\S+)(\s+HTTP\/[\d.]+)?\s*$/.exec(first);
  if (!line) return null;
  const [, method, target, http] = line;
  const path = target!.replace(/^[a-z]+:\/\/[^/]*/, "");
  const pasted: Pasted = { method: method!.toUpperCase(), path: path.startsWith("/") ? path : `/${path}` };
  let rest = lines;
  if (http) {
    const end = lines.findIndex((header) => header.trim() === "");
    for (const header of end < 0 ? lines : lines.slice(0, end)) {
      const [name, ...value] = header.split(":");
      if (name?.toLowerCase() === "content-type") pasted.contentType = value.join(":").trim();
    }
    rest = end < 0 ? [] : lines.slice(end + 1);
  }
  const body = rest.join("\n").trim();
  // A multi-search is lines, each of which counts.
  if (body) pasted.body = /_msearch/.test(path) ? `${body}\n` : body;
  return pasted;
}

export interface Piece {
  text: string;
  inserted: boolean;
}

/** The body indented, cut into pieces that are the holder's or the gate's. Lines of several values stay apart. */
export function readable(body: string, inserted: { from: number; to: number }[]): Piece[] {
  const bytes = new TextEncoder().encode(body);
  const pieces: Piece[] = [];
  const put = (text: string, mark: boolean) => {
    const last = pieces.at(-1);
    if (last && last.inserted === mark) last.text += text;
    else pieces.push({ text, inserted: mark });
  };
  let depth = 0;
  let quoted = false;
  let escaped = false;
  let at = 0; // in bytes
  const characters = [...new TextDecoder().decode(bytes)];
  characters.forEach((character, index) => {
    const mark = inserted.some(({ from, to }) => at >= from && at < to);
    const next = characters[index + 1];
    at += new TextEncoder().encode(character).length;
    if (quoted) {
      put(character, mark);
      quoted = escaped || character !== '"';
      escaped = !escaped && character === "\\";
      return;
    }
    const indent = () => `\n${"  ".repeat(Math.max(0, depth))}`;
    if (character === '"') {
      quoted = true;
      put(character, mark);
    } else if ((character === "{" || character === "[") && next !== "}" && next !== "]") {
      depth++;
      put(character, mark);
      put(indent(), false);
    } else if (character === "{" || character === "[") {
      put(character, mark);
    } else if (character === "}" || character === "]") {
      const empty = characters[index - 1] === "{" || characters[index - 1] === "[";
      if (empty) put(character, mark);
      else {
        depth--;
        put(indent(), false);
        put(character, mark);
      }
    } else if (character === ",") {
      put(character, mark);
      put(indent(), false);
    } else if (character === ":") put(": ", mark);
    else if (character === "\n" && depth === 0) put("\n", mark);
    else if (!/\s/.test(character)) put(character, mark);
  });
  return pieces;
}
