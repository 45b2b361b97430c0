// Why: the sentence about what happens next must be right, or it is worse than none.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EscalationPolicy, Incident, OnCall, Reference } from "./api/types";
import { levelAfter, nextStep, peopleAt, type Ladder } from "./next_step";

const reference = (id: string, summary: string): Reference => ({ id, type: "x", summary });
const policy: EscalationPolicy = {
  ...reference("PPOL", "Payments"), name: "Payments", description: null, num_loops: 0, services: [], teams: [],
  escalation_rules: [1, 2].map((n) => ({ id: `R${n}`, escalation_delay_in_minutes: 5, targets: [] })),
};
const onCall = (level: number, name: string): OnCall => ({ escalation_policy: policy, escalation_level: level, schedule: null, user: reference(`P${name}`, name), start: null, end: null });
const ladder = (level: number | undefined, ...onCalls: OnCall[]): Ladder => ({ policy, onCalls, level });

function incident(change: Partial<Incident>): Incident {
  return {
    ...reference("Q1", "x"), incident_number: 1, title: "x", status: "triggered", urgency: "high", created_at: "", updated_at: "", last_status_change_at: "",
    last_status_change_by: null, resolved_at: null, incident_key: null, service: reference("PS", "checkout"), escalation_policy: reference("PPOL", "Payments"),
    priority: null, teams: [], assignments: [], acknowledgements: [], pending_actions: [], alert_counts: { all: 0, triggered: 0, resolved: 0 }, incidents_responders: [], custom_fields: [],
    muster: { escalation_level: 1, exhausted: false, held_by_maintenance_window: null, snoozed_until: null }, ...change,
  };
}
const at = "2026-02-10T02:05:00Z";
const escalates = incident({ pending_actions: [{ type: "resolve", at: "2026-02-10T06:00:00Z" }, { type: "escalate", at }] });

test("names who is next and when", () => {
  assert.deepEqual(nextStep(escalates, ladder(1, onCall(1, "Ana"), onCall(2, "Ben"))), { text: "Ben is next", at, alarming: false });
  assert.equal(nextStep(escalates, ladder(1, onCall(2, "Ben"), onCall(2, "Cleo"), onCall(2, "Ben")))?.text, "Ben and Cleo are next");
});

test("after the last level the first comes again", () => {
  assert.equal(levelAfter(ladder(2)), 1);
  assert.equal(nextStep(escalates, ladder(2, onCall(1, "Ana"), onCall(2, "Ben")))?.text, "Ana is next");
});

test("a gap at the next level alarms", () => {
  assert.deepEqual(nextStep(escalates, ladder(1, onCall(1, "Ana"))), { text: "Level 2 is next, and nobody is on call there", at, alarming: true });
});

test("no step left alarms when the policy is at its end, not for low urgency", () => {
  assert.equal(nextStep(incident({}), ladder(2))?.alarming, true);
  assert.equal(nextStep(incident({ urgency: "low" }), ladder(1))?.alarming, false);
});

test("an acknowledged incident says when it calls again", () => {
  const taken = incident({ status: "acknowledged", pending_actions: [{ type: "unacknowledge", at }] });
  assert.deepEqual(nextStep(taken, ladder(1)), { text: "Calls again unless it is resolved", at, alarming: false });
  assert.equal(nextStep(incident({ status: "acknowledged" }), ladder(1))?.at, undefined);
  assert.equal(nextStep(incident({ status: "resolved" }), ladder(1)), undefined);
});

test("held, snoozed and exhausted incidents say so", () => {
  const muster = incident({}).muster;
  assert.match(nextStep(incident({ muster: { ...muster, held_by_maintenance_window: "PW" } }), ladder(1))?.text ?? "", /maintenance window/);
  assert.deepEqual(nextStep(incident({ status: "acknowledged", muster: { ...muster, snoozed_until: at } }), ladder(1)), { text: "Snoozed: calls again if it is still open", at, alarming: false });
  assert.equal(nextStep(incident({ muster: { ...muster, exhausted: true } }), ladder(1))?.alarming, true);
});

test("people of a level are named once", () => {
  assert.deepEqual(peopleAt([onCall(1, "Ana"), onCall(1, "Ana"), onCall(2, "Ben")], 1), ["Ana"]);
});
