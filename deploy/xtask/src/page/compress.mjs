// Writes FILE.br and FILE.gz beside every file of a folder that gets smaller by it.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = new Set([".html", ".css", ".js", ".mjs", ".json", ".svg", ".wasm", ".txt", ".webmanifest", ".ico"]);

function compress(path) {
  const bytes = readFileSync(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const copies = { ".br": brotliCompressSync(bytes, { params }), ".gz": gzipSync(bytes, { level: 9 }) };
  for (const [extension, copy] of Object.entries(copies)) {
    if (copy.length < bytes.length) writeFileSync(path + extension, copy);
  }
}

function walk(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) walk(path);
    else if (TEXT.has(extname(name))) compress(path);
  }
}

walk(process.argv.at(-1));
