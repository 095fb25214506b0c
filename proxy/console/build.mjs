// Bundles src/ and writes every file of the console into assets_data.cc, plain and gzipped. The same sources give the same bytes.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const GZIP_BUDGET = 150_000; // bytes of everything that a first visit loads

const bundled = await build({
  entryPoints: ["src/main.tsx", "src/style.css"],
  bundle: true,
  minify: true,
  write: false,
  outdir: "out",
  format: "esm",
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
});

const digest = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);
const assets = [];
const add = (path, type, text, immutable) => {
  const plain = Buffer.from(text);
  const gzipped = gzipSync(plain, { level: 9 });
  assets.push({ path, type, immutable, plain, gzipped: gzipped.length < plain.length ? gzipped : Buffer.alloc(0) });
};

let page = readFileSync("src/index.html", "utf8");
for (const [name, type] of [["main.js", "text/javascript; charset=utf-8"], ["style.css", "text/css; charset=utf-8"]]) {
  const { text } = bundled.outputFiles.find((file) => file.path.endsWith(name));
  const hashed = name.replace(".", `-${digest(text)}.`);
  page = page.replace(name, hashed);
  add(hashed, type, text, true);
}
const icon = readFileSync("src/favicon.svg", "utf8");
const icon_name = `favicon-${digest(icon)}.svg`;
page = page.replace("favicon.svg", icon_name);
add(icon_name, "image/svg+xml", icon, true);
add("", "text/html; charset=utf-8", page, false);
const licence = readFileSync("node_modules/preact/LICENSE", "utf8");
add("licenses.txt", "text/plain; charset=utf-8", `The console holds Preact (https://preactjs.com):\n\n${licence}`, false);

const first_visit = assets.filter(({ path }) => path !== "licenses.txt");
const total = first_visit.reduce((sum, { plain, gzipped }) => sum + (gzipped.length || plain.length), 0);
if (total > GZIP_BUDGET) throw new Error(`the console has ${total} bytes gzipped; the budget is ${GZIP_BUDGET}`);

// Octal escapes of three digits end by themselves, whatever follows.
const literal = (bytes) => {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 512) {
    let line = "";
    for (const byte of bytes.subarray(at, at + 512)) {
      const plain = byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 && byte !== 63;
      line += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
    }
    lines.push(`"${line}"`);
  }
  return `{${lines.join("\n") || '""'}, ${bytes.length}}`;
};
const rows = assets.map((asset) => `{"${asset.path}", "${asset.type}", ${asset.immutable},\n${literal(asset.plain)},\n${literal(asset.gzipped)}},\n`);
writeFileSync("assets_data.cc", `// Made by build.mjs.
#include <array>
#include "console/assets.h"
namespace weir::proxy {
namespace {
constexpr std::array<ConsoleAsset, ${assets.length}> kAssets = {{
${rows.join("")}}};
}
std::span<const ConsoleAsset> console_assets() noexcept { return kAssets; }
}  // namespace weir::proxy
`);
// For whoever wants to look at the files.
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
for (const { path, plain } of assets) writeFileSync(`dist/${path || "index.html"}`, plain);
console.log(`console: ${total} bytes gzipped`);
