// Why: node's own test runner, on every Node that Debian ships: it cannot read TypeScript everywhere, so esbuild turns each
// src/**/*.test.ts into a module in a temporary folder first.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
function find(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? find(join(folder, entry.name)) : entry.name.endsWith(".test.ts") ? [join(folder, entry.name)] : []);
}
const tests = find(join(root, "src"));
if (tests.length === 0) throw new Error("no tests found");
const out = mkdtempSync(join(tmpdir(), "muster-web-test-"));
try {
  await build({ entryPoints: tests, outdir: out, outbase: join(root, "src"), bundle: true, platform: "node", format: "esm", outExtension: { ".js": ".mjs" }, jsx: "automatic", jsxImportSource: "preact", logLevel: "warning" });
  const built = tests.map((path) => join(out, path.slice(join(root, "src").length).replace(/\.ts$/, ".mjs")));
  process.exitCode = spawnSync(process.execPath, ["--test", ...built], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
