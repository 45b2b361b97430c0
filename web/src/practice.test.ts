// Why: the practice phone must behave as a phone: ring for a while, keep threads in order, know its keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PracticeMessage } from "./api/types";
import { KEYPAD, banner, body, byPerson, isRinging, meaning, thread, waiting } from "./practice";

const now = Date.parse("2026-02-10T02:01:00Z");

function message(change: Partial<PracticeMessage>): PracticeMessage {
  return {
    id: "Q1", user: { id: "PANA", type: "user_reference", summary: "Ana" }, answers: [], channel: "sms", kind: "page", state: "delivered", address: "+4915700000", sent_at: "2026-02-10T02:00:30Z",
    content: { subject: "checkout is down", lines: ["checkout is down", "web-1"] }, incident: null, answer: null, answered_at: null, ...change,
  };
}

const incident = { id: "QI", type: "incident_reference", summary: "checkout is down" };
const open = new Set(["QI"]);

test("a call rings until it is answered, cancelled, goes to voicemail or somebody has the incident", () => {
  const rings = (change: Partial<PracticeMessage>, triggered = open): boolean => isRinging(message({ channel: "phone", incident, ...change }), triggered, now);
  assert.equal(rings({}), true);
  assert.equal(rings({ answered_at: "2026-02-10T02:00:40Z" }), false);
  assert.equal(rings({ state: "cancelled" }), false);
  assert.equal(rings({ sent_at: "2026-02-10T02:00:00Z" }), false);
  assert.equal(rings({ channel: "sms" }), false);
  assert.equal(rings({}, new Set()), false);
  assert.equal(rings({ kind: "handoff", incident: null }, new Set()), true);
});

test("a text is the provider's text where the server gives it, else its lines once", () => {
  assert.equal(body(message({})), "checkout is down\nweb-1");
  assert.equal(body(message({ text: "Muster #42" })), "Muster #42");
});

test("a thread reads from old to new and holds texts only", () => {
  const list = [message({ id: "Q3", sent_at: "2026-02-10T02:00:50Z" }), message({ id: "Q2", channel: "email" }), message({ id: "Q1" })];
  assert.deepEqual(thread(list).map((one) => one.id), ["Q1", "Q3"]);
});

test("the banner is the newest unanswered push, for a while", () => {
  const sent_at = "2026-02-10T02:00:50Z";
  const pushes = ["1", "2"].map((id) => message({ id, channel: "push", sent_at, incident }));
  assert.equal(banner([message({ id: "a", channel: "push", sent_at, incident, answered_at: sent_at }), ...pushes], open, now)?.id, "1");
  assert.equal(banner(pushes, open, now + 60_000), undefined);
  assert.equal(banner(pushes, new Set(), now), undefined);
});

test("only pages about triggered incidents wait for an answer", () => {
  const list = [message({ incident }), message({ kind: "handoff" }), message({ incident, answered_at: "x" }), message({ incident, channel: "email" }), message({ incident: { ...incident, id: "QOLD" } })];
  assert.equal(waiting(list, open, "sms"), 1);
  assert.equal(waiting(list, open), 2);
  const bundle = message({ content: { incidents: [{ number: 1, id: "QOLD", title: "", service: "", urgency: "high" }, { number: 2, id: "QI", title: "", service: "", urgency: "high" }] } });
  assert.equal(waiting([bundle], open), 1);
});

test("the keypad labels the three keys that act", () => {
  assert.deepEqual(KEYPAD.filter((one) => one.label !== "").map((one) => `${one.digit} ${one.label}`), ["4 acknowledge", "6 resolve", "8 escalate"]);
  assert.equal(KEYPAD.length, 12);
});

test("an answer is read as the server reads it", () => {
  for (const answer of ["4", "4 42", "ack 42", "ACK"]) assert.equal(meaning(answer), "acknowledge");
  assert.equal(meaning("6"), "resolve");
  assert.equal(meaning("thanks"), "thanks");
});

test("messages are sorted to their people once, newest first", () => {
  const ben = { id: "PBEN", type: "user_reference", summary: "Ben" };
  const list = [message({ id: "1" }), message({ id: "2", user: ben }), message({ id: "3", user: null })];
  const phones = byPerson([list, [message({ id: "1" }), message({ id: "4", sent_at: "2026-02-10T02:00:59Z" })]]);
  assert.deepEqual(phones.get("PANA")?.map((one) => one.id), ["4", "1"]);
  assert.deepEqual(phones.get("PBEN")?.map((one) => one.id), ["2"]);
  assert.equal(phones.size, 2);
});
