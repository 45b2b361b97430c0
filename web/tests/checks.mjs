// Why: what the tests in the browser share: where the parts are, how a check counts, how a page is looked at.
import { chromium } from "playwright-core";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { faintText } from "./contrast.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const SIZES = [{ name: "phone", width: 390, height: 844 }, { name: "desk", width: 1280, height: 800 }];

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const binary = process.env.MUSTER_BINARY ?? join(root, "build/muster");
for (const [what, path] of [["the browser", CHROMIUM], ["the binary", binary]]) {
  if (existsSync(path)) continue;
  console.log(`skipped: ${what} is missing (${path})\n0 passed, 0 failed, 1 skipped`);
  process.exit(0);
}
export const pictures = process.argv[2] ?? mkdtempSync(join(tmpdir(), "muster-pictures-"));
mkdirSync(pictures, { recursive: true });

let passed = 0;
let skipped = 0;
const failures = [];
export async function check(name, work) {
  try {
    await work();
    passed++;
    console.log(`ok   ${name}`);
  } catch (error) {
    failures.push(name);
    console.log(`FAIL ${name}\n     ${String(error.message ?? error).split("\n").slice(0, 6).join("\n     ")}`);
  }
}
export function expect(fact, message) {
  if (!fact) throw new Error(message);
}
export function skip(why) {
  skipped++;
  console.log(`skipped: ${why}`);
}

export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** Takes a picture and looks for what a person would stumble over. */
export async function lookAt(page, size, name) {
  for (let tries = 0; ; tries++) {
    await page.waitForTimeout(250); // let the last answer be drawn
    const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    const faint = await page.evaluate(faintText);
    if (tries < 20 && (wide > shown || faint.length > 0)) continue; // a busy machine may not have drawn it yet
    await page.screenshot({ path: join(pictures, `${size.name}-${name}.png`) });
    expect(wide <= shown, `${name} is ${wide} px wide on a screen of ${shown}`);
    expect(faint.length === 0, `${name}: too little contrast: ${faint.join("; ")}`);
    return;
  }
}

export function conclude() {
  if (!process.argv[2]) rmSync(pictures, { recursive: true, force: true });
  console.log(`${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
