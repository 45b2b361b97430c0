// Why: a provider that lies as it is told, on node's own cryptography: every ID token that must be refused can be had from it.
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

export class Liar {
  keys = {};
  codes = new Map();
  asked = [];
  /** What to say otherwise than the truth: { header, claims, signature, discovery, keys, tokenStatus, userInfo, silent }. */
  lie = {};

  constructor(clientId, clientSecret) {
    Object.assign(this, { clientId, clientSecret });
    this.newKeys("first");
  }

  newKeys(name) {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.keys = { RS256: { kid: `${name}-rsa`, ...rsa }, ES256: { kid: `${name}-ec`, ...ec } };
  }

  async start(port = 0) {
    this.server = createServer((request, response) => this.answer(request, response));
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    this.port = this.server.address().port;
    this.issuer = `http://127.0.0.1:${this.port}`;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  /** What the browser would bring back. */
  newCode(nonce, challenge) {
    const code = `code-${this.codes.size}`;
    this.codes.set(code, { nonce, challenge });
    return code;
  }

  token(nonce) {
    const now = Math.floor(Date.now() / 1000);
    const algorithm = this.lie.algorithm ?? "RS256";
    const key = this.keys[algorithm] ?? this.keys.RS256;
    const header = { alg: algorithm, kid: key.kid, typ: "JWT", ...this.lie.header };
    const claims = { iss: this.issuer, aud: this.clientId, sub: "subject-1", nonce, iat: now, exp: now + 300, email: "ana@halden.example", email_verified: true, ...this.lie.claims };
    for (const [name, value] of Object.entries(claims)) if (value === undefined) delete claims[name];
    const text = `${encode(header)}.${encode(claims)}`;
    if (header.alg === "none") return `${text}.`;
    if (header.alg === "HS256") return `${text}.${createHmac("sha256", key.publicKey.export({ type: "spki", format: "pem" })).update(text).digest("base64url")}`;
    const signer = this.lie.signedBy ?? key.privateKey;
    return `${text}.${sign("sha256", Buffer.from(text), { key: signer, dsaEncoding: "ieee-p1363" }).toString("base64url")}${this.lie.tail ?? ""}`;
  }

  answer(request, response) {
    const url = new URL(request.url, this.issuer);
    const say = (status, body) => {
      response.writeHead(status, { "Content-Type": "application/json", ...(this.lie.redirect ? { Location: this.lie.redirect } : {}) });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    this.asked.push(url.pathname);
    if (this.lie.silent === url.pathname) return;
    if (this.lie.redirect && this.lie.redirectAt === url.pathname) return say(302, "");
    if (url.pathname === "/.well-known/openid-configuration")
      return say(200, this.lie.raw ?? { issuer: this.issuer, authorization_endpoint: `${this.issuer}/authorize`, token_endpoint: `${this.issuer}/token`, jwks_uri: `${this.issuer}/keys`, userinfo_endpoint: `${this.issuer}/me`, ...this.lie.discovery });
    if (url.pathname === "/keys")
      return say(200, { keys: this.lie.keys ?? Object.entries(this.keys).map(([alg, key]) => ({ ...key.publicKey.export({ format: "jwk" }), kid: key.kid, alg, use: "sig" })) });
    if (url.pathname === "/me") return say(200, this.lie.userInfo ?? { sub: "subject-1", email: "ana@halden.example", email_verified: true });
    if (url.pathname !== "/token") return say(404, {});
    let body = "";
    request.on("data", (bytes) => { body += bytes; });
    request.on("end", () => {
      const form = new URLSearchParams(body);
      const began = this.codes.get(form.get("code"));
      this.codes.delete(form.get("code"));
      this.form = form;
      this.authorization = request.headers.authorization;
      if (!began) return say(400, { error: "invalid_grant" });
      say(200, { id_token: this.token(began.nonce), access_token: "an access token", token_type: "Bearer" });
    });
  }
}
