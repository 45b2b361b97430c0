// Why: the door with a second factor, as a person meets it: set up because it is required, asked for, lost.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SIZES, binary, check, expect, lookAt, skip } from "./checks.mjs";
import { Server } from "./server.mjs";

/** The real tool; a code counts once, so the next one is that of the next step, which the server takes as drift. Never that of the step before: it is two steps old when a
 * step begins on the way. */
const codeOf = (secret, steps = 0) => execFileSync("oathtool", ["--totp", "-b", "-N", new Date(Date.now() + steps * 30_000).toISOString(), secret]).toString().trim();

function hasOathtool() {
  try {
    return execFileSync("oathtool", ["--version"]).length > 0;
  } catch {
    return false;
  }
}

async function withServer(flags, work) {
  const data = mkdtempSync(join(tmpdir(), "muster-door-"));
  const server = new Server(binary, data, flags);
  try {
    await server.start();
    await work(server);
  } finally {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function fillIn(page, server, password) {
  await page.goto(`${server.url}/app/`);
  await page.fill("input[type=email]", server.signIn().email);
  await page.fill("input[type=password]", password);
  await page.keyboard.press("Enter");
}

async function secondFactor(browser, size, server) {
  const { password } = server.signIn();
  const context = await browser.newContext({ viewport: { width: size.width, height: size.height }, colorScheme: size.name === "phone" ? "dark" : "light", reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const at = (name) => `${size.name}: ${name}`;
  let secret, recovery;

  await check(at("a required second factor is set up before anything else"), async () => {
    await fillIn(page, server, password);
    await page.locator("h2", { hasText: "Set up a second factor" }).waitFor();
    await lookAt(page, size, "second-factor-required");
    await page.fill("input[type=password]", password);
    await page.click("text=Set it up");
    await page.waitForSelector("svg.qr path");
    await lookAt(page, size, "second-factor-picture");
    secret = (await page.textContent(".secret")).replaceAll(" ", "");
    await page.fill("input[name=code]", "000000");
    await page.keyboard.press("Enter");
    await page.locator("[role=alert]", { hasText: "code" }).waitFor();
    await page.fill("input[name=code]", codeOf(secret));
    await page.keyboard.press("Enter");
    await page.waitForSelector(".recovery-codes");
    await lookAt(page, size, "second-factor-recovery");
    recovery = await page.locator(".recovery-codes li").allTextContents();
    expect(recovery.length === 10, `${recovery.length} recovery codes`);
    await page.click("text=I have kept them");
    await page.waitForSelector(".live-on");
  });

  await check(at("the page of the account says that it is on"), async () => {
    await page.click(".avatar");
    await page.click("text=Second factor");
    await page.locator(".note-good", { hasText: "10 recovery codes" }).waitFor();
    expect((await page.locator("text=Sign in without it again").count()) === 0, "it can be taken away though it is required");
    await lookAt(page, size, "second-factor-on");
    await page.click(".avatar");
    await page.click("text=Sign out");
    await page.waitForSelector("input[type=email]");
  });

  await check(at("signing in asks for the code, and a wrong one is refused in words"), async () => {
    await fillIn(page, server, password);
    await page.waitForSelector("input[name=code]");
    await lookAt(page, size, "sign-in-code");
    await page.fill("input[name=code]", "000000");
    await page.keyboard.press("Enter");
    await page.locator("[role=alert]", { hasText: "code is wrong" }).waitFor();
    await lookAt(page, size, "sign-in-code-wrong");
    await page.fill("input[name=code]", codeOf(secret, 1));
    await page.keyboard.press("Enter");
    await page.waitForSelector(".live-on");
    await page.click(".avatar");
    await page.click("text=Sign out");
    await page.waitForSelector("input[type=email]");
  });

  await check(at("a recovery code opens the door without the phone"), async () => {
    await fillIn(page, server, password);
    await page.click("text=Phone lost?");
    await page.fill("input[name=recovery]", recovery[3]);
    await lookAt(page, size, "sign-in-recovery");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".live-on");
  });
  await context.close();
}

export async function signIn(browser) {
  if (!hasOathtool()) return skip("oathtool is missing: nobody signs in with a second factor here");
  for (const size of SIZES) await withServer(["--second-factor", "required"], (server) => secondFactor(browser, size, server));
}
