// Why: turns src/ into dist/, which travels inside the binary. File names carry a hash of their content, so browsers may
// keep them for ever; a file is only written when it changed, so an unchanged app does not make the binary build again.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", style: "src/style.css" },
  outdir: "dist/assets",
  bundle: true,
  write: false,
  minify: true,
  format: "esm",
  target: ["es2020", "chrome91", "firefox90", "safari15"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  banner: { js: ["preact", "uqr"].map((name) => `/* Contains ${name}.\n${readFileSync(join(here, `node_modules/${name}/LICENSE`), "utf8").trim()} */`).join("\n") },
  charset: "utf8",
});

const files = new Map(); // path below dist -> bytes
const names = {};
function addAsset(stem, extension, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  names[`${stem}.${extension}`] = `${stem}-${hash}.${extension}`;
  files.set(`assets/${stem}-${hash}.${extension}`, bytes);
  if (extension !== "png") files.set(`assets/${stem}-${hash}.${extension}.gz`, gzipSync(bytes, { level: 9 }));
}
for (const output of result.outputFiles) {
  const [, stem, extension] = /([a-z]+)\.(js|css)$/.exec(output.path);
  addAsset(stem, extension, Buffer.from(output.contents));
}
addAsset("icon", "svg", readFileSync(join(here, "src/icon.svg")));

let page = readFileSync(join(here, "src/index.html"), "utf8");
for (const [name, hashed] of Object.entries(names)) page = page.replaceAll(`assets/${name}`, `assets/${hashed}`);
files.set("index.html", Buffer.from(page));

mkdirSync(join(dist, "assets"), { recursive: true });
for (const name of ["", "assets"].flatMap((folder) => readdirSync(join(dist, folder), { withFileTypes: true }).filter((e) => e.isFile()).map((e) => join(folder, e.name))))
  if (!files.has(name)) rmSync(join(dist, name));
for (const [name, bytes] of files) {
  const path = join(dist, name);
  if (!existsSync(path) || !readFileSync(path).equals(bytes)) writeFileSync(path, bytes);
}
const size = (name) => `${name} ${(files.get(`assets/${names[name]}`).length / 1024).toFixed(0)} kB (${(files.get(`assets/${names[name]}.gz`).length / 1024).toFixed(0)} kB packed)`;
console.log(`web: ${size("app.js")}, ${size("style.css")}`);
