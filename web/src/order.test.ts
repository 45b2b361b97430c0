// Why: the order of the list decides what a tired person sees first.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Incident } from "./api/types";
import { byNeed, isMine, names, whoLine } from "./order";

function person(name: string): { id: string; type: string; summary: string } {
  return { id: `P${name}`, type: "user_reference", summary: name };
}

function incident(number: number, change: Partial<Incident> = {}): Incident {
  const service = { id: "PSERV", type: "service_reference", summary: "checkout" };
  return {
    id: `Q${number}`, type: "incident", summary: "", incident_number: number, title: `t${number}`, status: "triggered", urgency: "high",
    created_at: `2026-02-10T02:0${number}:00Z`, updated_at: "", last_status_change_at: "", last_status_change_by: null, resolved_at: null,
    incident_key: null, service, escalation_policy: service, priority: null, teams: [], assignments: [], acknowledgements: [],
    pending_actions: [], alert_counts: { all: 0, triggered: 0, resolved: 0 }, incidents_responders: [], custom_fields: [],
    muster: { escalation_level: 1, exhausted: false, held_by_maintenance_window: null, snoozed_until: null }, ...change,
  };
}

test("what needs a person first comes first", () => {
  const list = [
    incident(1, { status: "resolved", resolved_at: "2026-02-10T03:00:00Z" }),
    incident(2, { status: "acknowledged" }),
    incident(3, { urgency: "low" }),
    incident(5),
    incident(4),
    incident(6, { status: "resolved", resolved_at: "2026-02-10T04:00:00Z" }),
  ];
  assert.deepEqual(list.sort(byNeed).map((one) => one.incident_number), [4, 5, 3, 2, 6, 1]);
});

test("mine is what I am called for or have taken", () => {
  assert.equal(isMine(incident(1, { assignments: [{ at: "", assignee: person("Ana") }] }), "PAna"), true);
  assert.equal(isMine(incident(1, { acknowledgements: [{ at: "", acknowledger: person("Ana") }] }), "PAna"), true);
  assert.equal(isMine(incident(1, { assignments: [{ at: "", assignee: person("Ben") }] }), "PAna"), false);
});

test("people are listed as one would say them", () => {
  assert.equal(names([]), "");
  assert.equal(names(["Ana"]), "Ana");
  assert.equal(names(["Ana", "Ben"]), "Ana and Ben");
  assert.equal(names(["Ana", "Ben", "Cleo"]), "Ana, Ben and Cleo");
  assert.equal(names(["Ana", "Ben", "Cleo", "Dan", "Nia"]), "Ana, Ben and 3 others");
});

test("the line says who has it or who is being called", () => {
  assert.equal(whoLine(incident(1)), "Nobody is being called");
  assert.equal(whoLine(incident(1, { assignments: [{ at: "", assignee: person("Ana") }] })), "Calling Ana");
  const both = [{ at: "", acknowledger: person("Ana") }, { at: "", acknowledger: person("Ben") }];
  assert.equal(whoLine(incident(1, { status: "acknowledged", acknowledgements: both.slice(0, 1) })), "Ana has it");
  assert.equal(whoLine(incident(1, { status: "acknowledged", acknowledgements: both })), "Ana and Ben have it");
});
