// Why: signing in with the account of a company, at a provider nobody here wrote, in a real browser; and every answer that must be refused, from one that lies.
import { createHash, generateKeyPairSync } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Liar } from "../../tests/oidc/liar.mjs";
import { SIZES, binary, check, expect, lookAt, skip } from "./checks.mjs";
import { Server, freePort } from "./server.mjs";

const CLIENT = "muster client", SECRET = "a secret: with / and +";
const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "tests/oidc");

async function realProvider() {
  if (!existsSync(join(folder, "node_modules")))
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: "inherit" });
  return import(join(folder, "provider.mjs"));
}

/** A server that lets people in by a provider; its port is known before, because the provider has to know it. */
async function withServer(issuer, more, work) {
  const data = mkdtempSync(join(tmpdir(), "muster-oidc-"));
  const config = join(data, "muster.conf");
  writeFileSync(config, `[provider company]\ntype = oidc\ntitle = Halden\nbase_url = ${issuer}\naccount = ${CLIENT}\nsecret = ${SECRET}\nallow_private_addresses = yes\ntimeout_s = 8\n${more}\n`);
  const server = new Server(binary, join(data, "data"), ["--config", config]);
  server.port = await freePort();
  try {
    await work(server);
  } finally {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function atTheRealProvider(browser, size, { startProvider }) {
  const port = await freePort();
  const at = (name) => `${size.name}: ${name}`;
  await withServer(`http://localhost:${port}`, "new_people = observer", async (server) => {
    await server.start();
    const start = () => startProvider({ port, clientId: CLIENT, clientSecret: SECRET, redirectUri: `${server.url}/muster/sign-in/company/callback`, home: `${server.url}/app/` });
    let provider = await start();
    const meet = async () => {
      const context = await browser.newContext({ viewport: { width: size.width, height: size.height }, reducedMotion: "reduce" });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      return { context, page };
    };
    const signInAs = async (page, name) => {
      await page.goto(`${server.url}/app/`);
      await page.click("text=Sign in with Halden");
      await page.fill("input[name=login]", name);
      await page.fill("input[name=password]", "whatever");
      await page.click("button[type=submit]");
      await page.click("button[type=submit]"); // yes, Muster may know who I am
    };
    const known = async (email) => (await server.api("GET", `/users?query=${email}`)).users;

    await check(at("a person who is known signs in with the account of the company"), async () => {
      const { context, page } = await meet();
      await page.goto(`${server.url}/app/`);
      await page.waitForSelector("text=Sign in with Halden");
      await lookAt(page, size, "sign-in-company");
      await signInAs(page, "ana");
      await page.waitForSelector(".live-on");
      expect(new URL(page.url()).pathname.startsWith("/app/") && !page.url().includes("code="), `ends at ${page.url()}`);
      await page.click(".avatar");
      await page.waitForSelector("text=ana@halden.example");
      expect((await known("ana@halden.example")).length === 1, "a second person was made");
      const cookies = await context.cookies(server.url);
      expect(cookies.every((one) => one.name !== "muster_sign_in"), "the cookie of the way stays");
      expect(cookies.find((one) => one.name === "muster_session")?.sameSite === "Strict", "the session's cookie");
      await page.click("text=Sign out");
      await page.waitForSelector("text=Sign out at Halden too");
      await lookAt(page, size, "signed-out-company");
      await page.click("text=Sign out at Halden too");
      await page.click("button[name=logout]");
      await page.waitForSelector("text=Sign in with Halden");
      await context.close();
    });

    await check(at("somebody new becomes a person with the role of the setting"), async () => {
      const { context, page } = await meet();
      await signInAs(page, `new-${size.name}`);
      await page.waitForSelector(".live-on");
      const [person] = await known(`new-${size.name}@halden.example`);
      expect(person.role === "observer" && person.name === `Person new-${size.name}`, JSON.stringify(person));
      expect(person.contact_methods.length === 1, "nobody can reach the new person");
      // Once linked, the address may change on either side.
      await server.api("PUT", `/users/${person.id}`, { user: { type: "user", email: `moved-${size.name}@halden.example` } });
      await page.click(".avatar");
      await page.click("text=Sign out");
      await page.waitForSelector("text=Sign in with Halden");
      await page.click("text=Sign in with Halden");
      await page.waitForSelector(".live-on");
      await page.click(".avatar");
      await page.waitForSelector(`text=moved-${size.name}@halden.example`);
      await context.close();
    });

    await check(at("an address that is not verified makes nobody anybody"), async () => {
      const { context, page } = await meet();
      await signInAs(page, "deepa-unverified");
      await page.locator("[role=alert]", { hasText: "has not verified" }).waitFor();
      await lookAt(page, size, "sign-in-unverified");
      await context.close();
    });

    await check(at("whoever cancels stays outside and is told"), async () => {
      const { context, page } = await meet();
      await page.goto(`${server.url}/app/`);
      await page.click("text=Sign in with Halden");
      await page.click("text=[ Cancel ]");
      await page.locator("[role=alert]", { hasText: "cancelled" }).waitFor();
      await context.close();
    });

    await check(at("without the provider the password still opens the door"), async () => {
      await provider.stop();
      const { context, page } = await meet();
      await page.goto(`${server.url}/app/`);
      await page.click("text=Sign in with Halden");
      await page.locator("[role=alert]", { hasText: "did not answer" }).waitFor();
      await lookAt(page, size, "sign-in-provider-down");
      await page.fill("input[type=email]", server.signIn().email);
      await page.fill("input[type=password]", server.signIn().password);
      await page.keyboard.press("Enter");
      await page.waitForSelector(".live-on");
      await context.close();
      provider = await start();
    });
    await provider.stop();
  });
}

/** Debian's Node has no getSetCookie and joins the lines by commas; the comma in a date is not followed by a name. */
const cookieLines = (headers) => headers.getSetCookie?.() ?? headers.get("set-cookie")?.split(/, *(?=[^\s;,=]+=)/) ?? [];

/** A browser without a window: keeps its cookies, follows nothing by itself. */
class Visitor {
  cookies = new Map();
  constructor(server) {
    this.server = server;
  }
  async get(path) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(this.server.url + path, { redirect: "manual", headers: cookie ? { Cookie: cookie } : {} });
    for (const line of cookieLines(answer.headers)) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    return answer;
  }
  async begin() {
    const answer = await this.get("/muster/sign-in/company");
    return new URL(answer.headers.get("location")).searchParams;
  }
  async comeBack(query) {
    const answer = await this.get(`/muster/sign-in/company/callback?${new URLSearchParams(query)}`);
    expect(answer.status === 303, `the way back answers ${answer.status}: ${await answer.text()}`);
    return new URL(answer.headers.get("location"), this.server.url);
  }
  async isInside() {
    return (await this.get("/muster/session")).status === 200;
  }
}

async function atALiar() {
  const liar = new Liar(CLIENT, SECRET);
  await liar.start();
  await withServer(liar.issuer, "", async (server) => {
    await server.start();
    /** The whole way with one lie; the reason why somebody stayed outside, or "inside". */
    const way = async (lie, change = (query) => query) => {
      liar.lie = {};
      const visitor = new Visitor(server);
      const asked = await visitor.begin();
      liar.lie = lie;
      const end = await visitor.comeBack(change({ state: asked.get("state"), code: liar.newCode(asked.get("nonce")) }));
      liar.lie = {};
      const inside = await visitor.isInside();
      expect(inside === !end.searchParams.has("refused"), `it says ${end.search} and the session says ${inside}`);
      return inside ? "inside" : end.searchParams.get("refused");
    };
    const refused = async (lie, reason = "provider", change) => {
      const found = await way(lie, change);
      expect(found === reason, `${found}, not ${reason}`);
    };

    await check("oidc: what leaves for the provider is what the standards ask for", async () => {
      const visitor = new Visitor(server);
      const asked = await visitor.begin();
      expect(asked.get("response_type") === "code" && asked.get("client_id") === CLIENT && asked.get("scope").split(" ").includes("openid"), asked.toString());
      expect(asked.get("code_challenge_method") === "S256" && asked.get("state").length >= 32 && asked.get("nonce").length >= 32, asked.toString());
      const other = await new Visitor(server).begin();
      for (const name of ["state", "nonce", "code_challenge"]) expect(other.get(name) !== asked.get(name), `${name} is used twice`);
      await visitor.comeBack({ state: asked.get("state"), code: liar.newCode(asked.get("nonce")) });
      expect(createHash("sha256").update(liar.form.get("code_verifier")).digest("base64url") === asked.get("code_challenge"), "the verifier does not fit the challenge");
      expect(liar.form.get("redirect_uri") === asked.get("redirect_uri"), "another redirect_uri");
      const [id, secret] = Buffer.from(liar.authorization.split(" ")[1], "base64").toString().split(":").map(decodeURIComponent);
      expect(id === CLIENT && secret === SECRET, "the client proves itself wrongly");
      expect(await visitor.isInside(), "nobody came in");
    });

    for (const algorithm of ["RS256", "ES256"])
      await check(`oidc: ${algorithm} opens the door, also with new keys`, async () => {
        expect((await way({ algorithm })) === "inside", "refused");
        liar.newKeys(`rotated-${algorithm}`);
        expect((await way({ algorithm })) === "inside", "refused after the rotation");
      });

    const now = () => Math.floor(Date.now() / 1000);
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const lies = {
      "no signature": { header: { alg: "none" } },
      "no signature, in other letters": { header: { alg: "None" } },
      "the public key as a password": { header: { alg: "HS256" } },
      "an algorithm nobody agreed on": { header: { alg: "RS512" } },
      "a signature of somebody else's key": { signedBy: stranger.privateKey },
      "a name of a key that is not there": { header: { kid: "nowhere" } },
      "no name and several keys": { header: { kid: undefined }, keys: [1, 2].map(() => stranger.publicKey.export({ format: "jwk" })) },
      "a key of 1024 bits": { signedBy: weak.privateKey, header: { kid: "weak" }, keys: [{ ...weak.publicKey.export({ format: "jwk" }), kid: "weak" }] },
      "a header that demands more": { header: { crit: ["exp"], exp: 1 } },
      "a fourth part": { tail: ".e30" },
      "another sign-in's nonce": { claims: { nonce: "somebody else's" } },
      "no nonce": { claims: { nonce: undefined } },
      "another audience": { claims: { aud: "another client" } },
      "several audiences and no azp": { claims: { aud: [CLIENT, "another client"] } },
      "an azp that is not us": { claims: { azp: "another client" } },
      "another issuer": { claims: { iss: "https://accounts.evil.example" } },
      "a token that has expired": { claims: { exp: now() - 120 } },
      "a token without an end": { claims: { exp: undefined } },
      "a token of the future": { claims: { iat: now() + 600 } },
      "a token that does not count yet": { claims: { nbf: now() + 600 } },
      "nobody's token": { claims: { sub: undefined } },
      "a discovery document of another issuer": { discovery: { issuer: "https://accounts.evil.example" } },
      "a token endpoint without a scheme": { discovery: { token_endpoint: "file:///etc/passwd" } },
      "a document that is no JSON": { raw: "<html>" },
      "a document that has no end": { raw: `{"a":"${"x".repeat(200_000)}"}` },
      "a redirect of the token endpoint": { redirect: "http://127.0.0.1:1/", redirectAt: "/token" },
      "a key endpoint that says nothing": { silent: "/keys" },
      "user info about somebody else": { claims: { email: undefined, email_verified: undefined }, userInfo: { sub: "somebody else", email: "ana@halden.example", email_verified: true } },
    };
    for (const [what, lie] of Object.entries(lies)) await check(`oidc: refused: ${what}`, () => refused(lie));

    await check("oidc: user info tells the address where the token does not", async () => {
      expect((await way({ claims: { email: undefined, email_verified: undefined } })) === "inside", "refused");
    });

    await check("oidc: who is not known stays outside, and so does a new account with the address of somebody who has one", async () => {
      await refused({ claims: { sub: "subject-2", email: "nobody@halden.example" } }, "unknown");
      await refused({ claims: { sub: "subject-3", email: "ana@halden.example" } }, "other");
      await refused({ claims: { sub: "subject-4", email: "deepa@halden.example", email_verified: false } }, "unverified");
      await refused({ claims: { sub: "subject-5", email: undefined }, userInfo: { sub: "subject-5" } }, "unverified");
    });

    await check("oidc: an answer belongs to the browser, the sign-in and the provider that began it", async () => {
      await refused({}, "begun-elsewhere", (query) => ({ ...query, state: "x".repeat(40) }));
      await refused({}, "begun-elsewhere", ({ code }) => ({ code }));
      await refused({}, "begun-elsewhere", (query) => ({ ...query, iss: "https://accounts.evil.example" }));
      expect((await way({}, (query) => ({ ...query, iss: liar.issuer }))) === "inside", "the right issuer is refused");
      const [mine, theirs] = [new Visitor(server), new Visitor(server)];
      const [asked, other] = [await mine.begin(), await theirs.begin()];
      const end = await mine.comeBack({ state: other.get("state"), code: liar.newCode(other.get("nonce")) });
      expect(end.searchParams.get("refused") === "begun-elsewhere" && !(await mine.isInside()), "somebody else's answer opens the door");
      const nobody = new Visitor(server);
      expect((await nobody.comeBack({ state: asked.get("state"), code: liar.newCode(asked.get("nonce")) })).searchParams.get("refused") === "begun-elsewhere", "no cookie, and inside");
    });

    await check("oidc: a code counts once", async () => {
      const visitor = new Visitor(server);
      const asked = await visitor.begin();
      const kept = new Map(visitor.cookies);
      const query = { state: asked.get("state"), code: liar.newCode(asked.get("nonce")) };
      await visitor.comeBack(query);
      expect(await visitor.isInside(), "the first time");
      expect((await visitor.comeBack(query)).searchParams.get("refused") === "begun-elsewhere", "the cookie of the way was not taken back");
      const thief = new Visitor(server);
      thief.cookies = kept;
      expect((await thief.comeBack(query)).searchParams.get("refused") === "provider" && !(await thief.isInside()), "the code counts twice");
    });

    await check("oidc: a provider that hangs holds nobody who works", async () => {
      liar.lie = { silent: "/.well-known/openid-configuration" };
      const waiting = Array.from({ length: 12 }, () => new Visitor(server).get("/muster/sign-in/company"));
      await new Promise((resolve) => setTimeout(resolve, 300));
      const started = Date.now();
      await server.api("GET", "/incidents");
      expect(Date.now() - started < 6000, `an answer took ${Date.now() - started} ms`);
      for (const answer of await Promise.all(waiting)) expect(answer.headers.get("location").endsWith("?refused=provider"), answer.headers.get("location"));
      liar.lie = {};
      expect((await way({})) === "inside", "it does not recover");
    });

    await check("oidc: an administrator unlinks an account, and a person who left stays outside", async () => {
      const ana = (await server.api("GET", "/users?query=ana@halden.example")).users[0];
      await server.api("DELETE", `/muster/users/${ana.id}/identities`);
      expect((await way({ claims: { sub: "subject-3" } })) === "inside", "the address does not lead to the person again");
      await refused({ claims: { sub: "subject-1" } }, "other");
      const records = (await server.api("GET", "/audit/records?limit=100")).records.map((one) => one.action);
      expect(records.includes("link_identity") && records.includes("unlink_identity"), records.join());
    });

    await check("oidc: the log says why, and keeps codes and tokens to itself", async () => {
      for (const words of ["another sign-in", "another issuer", "signature is wrong", "has expired", "belongs to no sign-in"]) expect(server.log.includes(words), `the log does not say "${words}"`);
      expect(!/code-\d|eyJ|access token/.test(server.log) && !server.log.includes(SECRET), "the log says too much");
    });
  });
  await liar.stop();

  await check("oidc: a private address is reached only where the settings allow it", async () => {
    const inside = new Liar(CLIENT, SECRET);
    await inside.start();
    await withServer(inside.issuer, "", async (server) => {
      writeFileSync(server.flags[1], `[provider company]\ntype = oidc\nbase_url = ${inside.issuer}\naccount = ${CLIENT}\nsecret = ${SECRET}\n`);
      await server.start();
      const answer = await new Visitor(server).get("/muster/sign-in/company");
      expect(answer.headers.get("location").endsWith("?refused=provider") && inside.asked.length === 0, `${answer.headers.get("location")}, asked ${inside.asked}`);
      for (let tries = 0; tries < 600 && !server.log.includes("private address"); tries++) await new Promise((resolve) => setTimeout(resolve, 100));
      expect(server.log.includes("private address"), server.log.slice(-500));
    });
    await inside.stop();
  });
}

export async function oidc(browser) {
  await atALiar();
  let real;
  try {
    real = await realProvider();
  } catch (error) {
    return skip(`npm's oidc-provider cannot be had: NOBODY SIGNS IN AT A REAL PROVIDER HERE (${String(error.message).split("\n")[0]})`);
  }
  for (const size of SIZES) await atTheRealProvider(browser, size, real);
}
