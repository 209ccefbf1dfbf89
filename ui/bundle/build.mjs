// Bundles every part of the page that is JavaScript: `bundle/<name>.mjs` becomes `<name>.js` in
// BUNDLE_DIR, with the licences of the packages in it. Each is loaded only where it is needed.
import { build } from "esbuild";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const outdir = process.env.BUNDLE_DIR;
if (!outdir) throw new Error("BUNDLE_DIR has to name the folder for the bundles");
const sources = (await readdir(folder)).filter((name) => name.endsWith(".mjs") && name !== "build.mjs");

const { outputFiles, metafile } = await build({
  absWorkingDir: dirname(folder),
  entryPoints: sources.map((name) => join(folder, name)),
  outdir,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome111", "firefox113", "safari16.4"],
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  write: false,
});

// Text of the licence of a package, which has to go wherever the package goes.
async function licence(name) {
  const root = join(dirname(folder), "node_modules", name);
  const file = (await readdir(root)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file`);
  return `${name}\n\n${(await readFile(join(root, file), "utf8")).trim()}`;
}

await mkdir(outdir, { recursive: true });
for (const { path, text } of outputFiles) {
  const [, output] = Object.entries(metafile.outputs).find(([name]) => basename(name) === basename(path));
  const inputs = Object.keys(output.inputs).map((input) => input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
  const packages = [...new Set(inputs.filter(Boolean))].sort();
  const licences = (await Promise.all(packages.map(licence))).join("\n\n---\n\n");
  await writeFile(join(outdir, basename(path)), licences ? `${text}/*!\n${licences}\n*/\n` : text);
}
