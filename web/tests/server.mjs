// Why: starts, stops and asks the real Muster with its sample organisation, the way ./run does.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const EMAIL = "ana@halden.example"; // an administrator of the sample organisation

/** A port that stays free until somebody binds it, and between two starts: none of those that are given to whoever asks for any. */
export async function freePort() {
  for (;;) {
    const port = randomInt(7000, 10_000);
    const isFree = await new Promise((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

export class Server {
  log = "";
  constructor(binary, data, flags = []) {
    this.binary = binary;
    this.data = data;
    this.flags = flags;
  }

  /** Keeps its port over restarts. */
  async start() {
    this.port ??= await freePort();
    this.process = spawn(this.binary, ["serve", "--sample", "--data", this.data, "--listen", `127.0.0.1:${this.port}`, ...this.flags], { stdio: ["ignore", "pipe", "pipe"] });
    this.process.stderr.on("data", (bytes) => { this.log += bytes; });
    this.exited = new Promise((resolve) => this.process.once("exit", resolve));
    let out = "";
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready after 180 s; it printed ${out}`)), 180_000);
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
    const patience = setTimeout(() => this.process.kill("SIGKILL"), 60_000);
    await this.exited;
    clearTimeout(patience);
  }

  async api(method, path, body) {
    const response = await fetch(this.url + path, { method, headers: { Authorization: `Token token=${this.token}`, "Content-Type": "application/json", From: EMAIL }, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text ? JSON.parse(text) : undefined;
  }

  event(payload) {
    return this.api("POST", "/v2/enqueue", { routing_key: this.routingKey, event_action: "trigger", payload });
  }

  change(payload, links) {
    return this.api("POST", "/v2/change/enqueue", { routing_key: this.routingKey, payload, links });
  }

  /** An incident of the service that events go to, which is over. */
  async brokeBefore(title) {
    const { services } = await this.api("GET", "/services?query=checkout");
    const { incident } = await this.api("POST", "/incidents", { incident: { type: "incident", title, urgency: "low", service: { id: services[0].id, type: "service_reference" } } });
    await this.api("PUT", `/incidents/${incident.id}`, { incident: { id: incident.id, type: "incident", status: "resolved" } });
  }

  /** An open incident takes later events of its service in; each part of the test starts without one. */
  async resolveAll() {
    const { incidents } = await this.api("GET", "/incidents?statuses[]=triggered&statuses[]=acknowledged&limit=100&date_range=all");
    for (const { id } of incidents) await this.api("PUT", `/incidents/${id}`, { incident: { id, type: "incident", status: "resolved" } });
  }

  /** The first start leaves the common password of the sample people in a file. */
  signIn() {
    return { email: EMAIL, password: readFileSync(join(this.data, "sample-password"), "utf8").trim() };
  }
}
