// Why: starts, stops and asks the real Muster with its sample organisation, the way ./run does.
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export class Server {
  log = "";
  constructor(binary, data) {
    this.binary = binary;
    this.data = data;
  }

  /** Keeps its port over restarts. */
  async start() {
    this.port ??= await freePort();
    this.process = spawn(this.binary, ["serve", "--data", this.data, "--listen", `127.0.0.1:${this.port}`], { stdio: ["ignore", "pipe", "pipe"] });
    this.process.stderr.on("data", (bytes) => { this.log += bytes; });
    this.exited = new Promise((resolve) => this.process.once("exit", resolve));
    let out = "";
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready after 60 s; it printed ${out}`)), 60_000);
      this.process.stdout.on("data", (bytes) => {
        out += bytes;
        if (!/^ready$/m.test(out)) return;
        clearTimeout(timer);
        resolve();
      });
      void this.exited.then((code) => {
        clearTimeout(timer);
        reject(new Error(`it ended with ${code} before it was ready: ${this.log.slice(-1500)}`));
      });
    });
    const fact = (name) => new RegExp(`^${name}=(.*)$`, "m").exec(out)?.[1];
    this.url = (fact("url") ?? `http://127.0.0.1:${this.port}`).replace(/\/$/, "");
    this.token = fact("token") ?? this.token;
    this.routingKey = fact("routing_key") ?? this.routingKey;
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    this.process.kill("SIGTERM");
    const patience = setTimeout(() => this.process.kill("SIGKILL"), 10_000);
    await this.exited;
    clearTimeout(patience);
  }

  async api(method, path, body) {
    const response = await fetch(this.url + path, { method, headers: { Authorization: `Token token=${this.token}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text ? JSON.parse(text) : undefined;
  }

  event(payload) {
    return this.api("POST", "/v2/enqueue", { routing_key: this.routingKey, event_action: "trigger", payload });
  }

  /** Gives somebody of the sample organisation a password; answers their e-mail address. */
  async signInAs(password) {
    const { users } = await this.api("GET", "/users?limit=100");
    const user = users.find((one) => one.role === "owner" || one.role === "admin") ?? users[0];
    const done = spawnSync(this.binary, ["user", "password", user.email, "--data", this.data], { input: `${password}\n`, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`muster user password: ${done.stderr}`);
    return user.email;
  }
}
