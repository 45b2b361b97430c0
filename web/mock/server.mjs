// Why: to work on the screens without a running Muster: `npm run mock`, then http://127.0.0.1:8099/app/. Development only; it keeps a
// handful of things in memory, knows no rules, and every browser test runs against the real server instead.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist");
const port = Number(process.env.PORT ?? 8099);
const ago = (s) => new Date(Date.now() - s * 1000).toISOString();
const inS = (s) => ago(-s);
const ref = (id, type, summary) => ({ id, type: `${type}_reference`, summary });

const users = [["PANA", "Ana Ortiz", "Europe/Berlin"], ["PBEN", "Ben Hartwig", "America/New_York"], ["PCLEO", "Cleo Adeyemi", "Asia/Tokyo"], ["PDEEPA", "Deepa Rao", "Asia/Kolkata"]]
  .map(([id, name, time_zone]) => ({ id, type: "user", summary: name, name, time_zone, email: `${id.slice(1).toLowerCase()}@halden.example`, role: "user" }));
const session = { user: ref("PANA", "user", "Ana Ortiz"), name: "Ana Ortiz", email: "ana@halden.example", role: "admin", time_zone: "Europe/Berlin", second_factor: { enrolled: false, required: false, needed: false, recovery_codes_left: 0 } };
const policy = { id: "PPAY", type: "escalation_policy", summary: "Payments", name: "Payments", num_loops: 1, escalation_rules: [
  { id: "R1", escalation_delay_in_minutes: 5, targets: [ref("SPRIM", "schedule", "Payments primary")] },
  { id: "R2", escalation_delay_in_minutes: 10, targets: [ref("PBEN", "user", "Ben Hartwig"), ref("SNOC", "schedule", "NOC nights")] }] };
const services = [["SCHK", "checkout"], ["SLED", "ledger-db"]].map(([id, name], i) => ({ id, type: "service", summary: name, name, integrations: [{ ...ref(`I${i}`, "integration", "Events"), integration_key: `${i}`.repeat(32) }] }));
const oncall = (level, user, schedule, end) => ({ escalation_policy: ref("PPAY", "escalation_policy", "Payments"), escalation_level: level, schedule, user: { ...user }, start: end ? ago(9000) : null, end });
const oncalls = [oncall(1, users[0], ref("SPRIM", "schedule", "Payments primary"), inS(40000)), oncall(2, users[1], null, null)];

let number = 41;
const incidents = [];
const timelines = new Map();
const messages = [];
const answers = [["acknowledge", "4"], ["resolve", "6"], ["escalate", "8"]].map(([action, digits]) => ({ action, digits, text: digits }));
function trigger(title, service, age = 0, change = {}) {
  const id = `Q${++number}`;
  const incident = { id, type: "incident", summary: `[#${number}] ${title}`, incident_number: number, title, status: "triggered", urgency: "high", created_at: ago(age), updated_at: ago(age), last_status_change_at: ago(age),
    last_status_change_by: null, resolved_at: null, incident_key: "k", service: ref(service.id, "service", service.name), escalation_policy: ref("PPAY", "escalation_policy", "Payments"), priority: null, teams: [],
    assignments: [{ at: ago(age), assignee: ref("PANA", "user", "Ana Ortiz") }], acknowledgements: [], pending_actions: [{ type: "escalate", at: inS(300) }], alert_counts: { all: 1, triggered: 1, resolved: 0 }, incidents_responders: [], custom_fields: [], muster: { escalation_level: 1, exhausted: false, held_by_maintenance_window: null, snoozed_until: null }, ...change };
  incidents.push(incident);
  timelines.set(id, [{ id: `${id}a`, at: incident.created_at, kind: "trigger", text: "Triggered by the integration Events" }, { id: `${id}b`, at: incident.created_at, kind: "assign", text: "Assigned to Ana Ortiz" }, { id: `${id}c`, at: incident.created_at, kind: "notify", text: "Ana Ortiz called by SMS" }]);
  for (const channel of ["phone", "sms", "email", "push"])
    messages.unshift({ id: `M${messages.length}`, user: session.user, answers, text: null, channel, kind: "page", state: "delivered", address: "+49157000001", sent_at: ago(age), content: { subject: `#${number} HIGH ${service.name}: ${title}`, lines: [title, `Service ${service.name}, since 03:12`, "Reply 4 to acknowledge, 6 to resolve, 8 to escalate"], why: "Ana is on call on Payments primary, level 1 of Payments." }, incident: ref(id, "incident", title), answer: null, answered_at: null });
  return incident;
}
trigger("Payment errors above 5 % in the last ten minutes", services[0], 754);
trigger("ledger-db replication lag 94 s <img src=x onerror=alert(1)>", services[1], 190, { urgency: "low", pending_actions: [] });
trigger("No orders for 3 minutes", services[0], 4000, { status: "acknowledged", acknowledgements: [{ at: ago(100), acknowledger: ref("PBEN", "user", "Ben Hartwig") }], pending_actions: [{ type: "unacknowledge", at: inS(1700) }] });

const streams = new Set();
const changed = () => streams.forEach((stream) => stream.write(`event: change\ndata: {"kind":"reload","incident":null}\n\n`));
setInterval(() => streams.forEach((stream) => stream.write("event: beat\ndata: {}\n\n")), 5000);
const byId = (id) => incidents.find((incident) => incident.id === id);
function apply(incident, fields) {
  const text = fields.status ? `${fields.status === "resolved" ? "Resolved" : "Acknowledged"} by Ana Ortiz in the browser` : "Changed by Ana Ortiz";
  if (fields.status) incident.status = fields.status;
  if (fields.status === "acknowledged") Object.assign(incident, { acknowledgements: [{ at: ago(0), acknowledger: session.user }], pending_actions: [] });
  if (fields.status === "resolved") Object.assign(incident, { resolved_at: ago(0), assignments: [], pending_actions: [], last_status_change_by: session.user });
  timelines.get(incident.id).push({ id: String(Math.random()), at: ago(0), kind: fields.status ?? "assign", text });
  changed();
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
let signedIn = process.env.SIGNED_IN === "1";
const routes = [
  ["GET /muster/session", () => (signedIn ? { session } : { $: 401, error: { message: "Sign in first" } })],
  ["POST /muster/session", (_, body) => (body.password === "wrong" ? { $: 401, error: { message: "E-mail or password is wrong" } } : ((signedIn = true), { session }))],
  ["DELETE /muster/session", () => ((signedIn = false), {})],
  ["GET /muster/summary", () => ({ now: ago(0), incidents: { triggered: incidents.filter((i) => i.status === "triggered").length, acknowledged: incidents.filter((i) => i.status === "acknowledged").length }, alarms: incidents.length > 3 ? [{ text: "SMS provider twilio-a refuses messages since 03:02; twilio-b takes over", incident: null }] : [] })],
  ["GET /incidents", (query) => ({ incidents: query.has("incident_key") ? incidents.slice(-1) : incidents.filter((i) => query.getAll("statuses[]").includes(i.status)), more: false })],
  ["GET /incidents/:id", (_, __, id) => (byId(id) ? { incident: byId(id) } : { $: 404, error: { message: "Not Found" } })],
  ["PUT /incidents/:id", (_, body, id) => (apply(byId(id), body.incident), { incident: byId(id) })],
  ["GET /incidents/:id/alerts", (_, __, id) => ({ alerts: [{ id: `A${id}`, type: "alert", summary: byId(id).title, status: "triggered", severity: "critical", suppressed: false, alert_key: "payments/errors", created_at: byId(id).created_at, service: byId(id).service, body: { type: "alert_body", details: { error_rate: "7.3 %", region: "eu-central", runbook: "https://wiki.halden.example/payments/errors", hosts: ["web-1", "web-2"] } } }] })],
  ["GET /incidents/:id/related_change_events", (_, __, id) => ({ change_events: [{ id: `C${id}`, type: "change_event", summary: "Deployed payments 4.1", timestamp: new Date(Date.parse(byId(id).created_at) - 12 * 60_000).toISOString(), source: "builder", services: [byId(id).service], links: [{ href: "https://build.halden.example/41", text: "Build 41" }], images: [], custom_details: { commit: "8f1c2d" } }], more: false })],
  ["GET /incidents/:id/related_incidents", () => ({ related_incidents: [] })],
  ["GET /incidents/:id/past_incidents", (_, __, id) => ({ past_incidents: [{ incident: { id: `P${id}`, title: byId(id).title, created_at: ago(6 * 86400), resolved_at: ago(6 * 86400 - 1440) }, score: 100 }], total: null, limit: 5 })],
  ["GET /muster/incidents/:id/timeline", (_, __, id) => ({ timeline: timelines.get(id) })],
  ["GET /muster/why", (query) => ({ decisions: [{ at: byId(query.get("incident")).created_at, level: 1, cause: "trigger", candidates: [
    { user: session.user, chosen: true, reason: "on_call", text: "Ana Ortiz was paged because she is on call on Payments primary (layer Weekdays), level 1 of Payments version 3." },
    { user: ref("PBEN", "user", "Ben"), chosen: false, reason: "later_level", text: "Ben Hartwig was not paged: level 2 is reached only after 5 minutes without an acknowledgement." }] }] })],
  ["GET /escalation_policies", () => ({ escalation_policies: [policy], more: false })],
  ["GET /escalation_policies/:id", () => ({ escalation_policy: policy })],
  ["GET /oncalls", () => ({ oncalls, more: false })],
  ["GET /users", (query) => ({ users: users.filter((user) => user.name.toLowerCase().includes((query.get("query") ?? "").toLowerCase())) })],
  ["GET /services", () => ({ services })],
  ["POST /v2/enqueue", (_, body) => (trigger(body.payload.summary, services.find((s) => s.integrations[0].integration_key === body.routing_key)), changed(), { $: 202, status: "success", dedup_key: "x" })],
  ["GET /muster/practice/users", () => ({ users })],
  ["GET /muster/practice/messages", (query) => ({ messages: messages.filter((message) => (query.get("user") ?? message.user.id) === message.user.id) })],
  ["POST /muster/practice/messages/:id/answer", (_, body, id) => {
    const message = messages.find((one) => one.id === id);
    Object.assign(message, { answer: body.answer, answered_at: ago(0) });
    apply(byId(message.incident.id), { status: { 4: "acknowledged", 6: "resolved", acknowledge: "acknowledged", resolve: "resolved" }[body.answer] });
    return { outcome: "done", reply: "Incident 42 is yours now. Goodbye." };
  }],
];

createServer(async (request, response) => {
  const url = new URL(request.url, "http://mock");
  if (url.pathname === "/muster/stream") {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write("event: hello\ndata: {}\n\n");
    streams.add(response);
    return void request.on("close", () => streams.delete(response));
  }
  if (url.pathname.startsWith("/app")) {
    const file = /^\/app\/(assets\/.+)/.exec(url.pathname)?.[1] ?? "index.html";
    const bytes = readFileSync(join(dist, file));
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] });
    return void response.end(file === "index.html" ? bytes.toString().replaceAll("{base}", "/app/") : bytes);
  }
  let text = "";
  for await (const part of request) text += part;
  for (const [route, handle] of routes) {
    const [method, path] = route.split(" ");
    const match = new RegExp(`^${path.replace(":id", "([^/]+)")}$`).exec(url.pathname);
    if (method !== request.method || !match) continue;
    const { $: status = 200, ...answer } = handle(url.searchParams, text ? JSON.parse(text) : {}, match[1]);
    response.writeHead(status, { "Content-Type": "application/json" });
    return void response.end(JSON.stringify(answer));
  }
  response.writeHead(404, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ error: { message: "Not Found", code: 2100 } }));
}).listen(port, "127.0.0.1", () => console.log(`mock: http://127.0.0.1:${port}/app/`));
