import assert from "node:assert/strict";
import { test } from "node:test";
import type { PracticeMessage } from "./api/types";
import { KEYPAD, banners, body, isRinging, meaning, thread, waiting } from "./practice";

const now = Date.parse("2026-02-10T02:01:00Z");

function message(change: Partial<PracticeMessage>): PracticeMessage {
  return {
    id: "Q1", channel: "sms", kind: "page", state: "delivered", address: "+4915700000", sent_at: "2026-02-10T02:00:30Z",
    content: { subject: "checkout is down", lines: ["checkout is down", "web-1"] }, incident: null, answer: null, answered_at: null, ...change,
  };
}

test("a call rings until it is answered, cancelled or goes to voicemail", () => {
  assert.equal(isRinging(message({ channel: "phone" }), now), true);
  assert.equal(isRinging(message({ channel: "phone", answered_at: "2026-02-10T02:00:40Z" }), now), false);
  assert.equal(isRinging(message({ channel: "phone", state: "cancelled" }), now), false);
  assert.equal(isRinging(message({ channel: "phone", sent_at: "2026-02-10T02:00:00Z" }), now), false);
  assert.equal(isRinging(message({ channel: "sms" }), now), false);
});

test("a text is the provider's text where the server gives it, else its lines once", () => {
  assert.equal(body(message({})), "checkout is down\nweb-1");
  assert.equal(body(message({ text: "Muster #42" })), "Muster #42");
});

test("a thread reads from old to new and holds texts only", () => {
  const list = [message({ id: "Q3", sent_at: "2026-02-10T02:00:50Z" }), message({ id: "Q2", channel: "email" }), message({ id: "Q1" })];
  assert.deepEqual(thread(list).map((one) => one.id), ["Q1", "Q3"]);
});

test("banners are the newest unanswered pushes", () => {
  const pushes = ["1", "2", "3", "4"].map((id) => message({ id, channel: "push" }));
  assert.deepEqual(banners([message({ id: "a", channel: "push", answered_at: "2026-02-10T02:00:31Z" }), ...pushes], now).map((one) => one.id), ["1", "2", "3"]);
  assert.deepEqual(banners(pushes, now + 3_600_000), []);
});

test("only pages wait for an answer", () => {
  assert.equal(waiting([message({}), message({ kind: "handoff" }), message({ answered_at: "x" }), message({ channel: "email" })], "sms"), 1);
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
