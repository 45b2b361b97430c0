// Why: a gap that does not show is a gap that nobody closes.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EscalationPolicy, OnCall, Reference } from "./api/types";
import { levelsOf, onePerShift } from "./on_call";

const reference = (id: string, type: string): Reference => ({ id, type, summary: id });
const policy: EscalationPolicy = {
  ...reference("POL", "escalation_policy"), name: "Payments", description: null, num_loops: 0, services: [], teams: [],
  escalation_rules: [
    { id: "R1", escalation_delay_in_minutes: 5, targets: [reference("S1", "schedule_reference"), reference("S2", "schedule_reference")] },
    { id: "R2", escalation_delay_in_minutes: 10, targets: [reference("UBen", "user_reference")] },
    { id: "R3", escalation_delay_in_minutes: 10, targets: [] },
  ],
};
const duty = (level: number, user: string, schedule: string | null, of = "POL"): OnCall => ({
  escalation_policy: reference(of, "escalation_policy_reference"), escalation_level: level, user: reference(user, "user_reference"),
  schedule: schedule ? reference(schedule, "schedule_reference") : null, start: null, end: null,
});

test("people stand on their level, with the minutes until it is called", () => {
  const levels = levelsOf(policy, [duty(1, "UAna", "S1"), duty(2, "UBen", null), duty(1, "UNia", "S1", "OTHER")]);
  assert.deepEqual(levels.map((level) => [level.number, level.afterMinutes, level.people.map((one) => one.user.id)]), [[1, 0, ["UAna"]], [2, 5, ["UBen"]], [3, 15, []]]);
});

test("a schedule with nobody is a gap even beside others", () => {
  const levels = levelsOf(policy, [duty(1, "UAna", "S1")]);
  assert.deepEqual(levels[0]?.gaps.map((gap) => gap.id), ["S2"]);
  assert.deepEqual(levels[1]?.gaps, []);
});

test("several people of one shift stand side by side, and a shift-based schedule with nobody is a gap", () => {
  const shifts = { ...policy, escalation_rules: [{ id: "R1", escalation_delay_in_minutes: 5, targets: [reference("S1", "schedule_v3_reference"), reference("S2", "schedule_v3_reference")] }] };
  const level = levelsOf(shifts, [duty(1, "UAna", "S1"), duty(1, "UBen", "S1")])[0];
  assert.deepEqual([level?.people.map((one) => one.user.id), level?.gaps.map((gap) => gap.id)], [["UAna", "UBen"], ["S2"]]);
});

test("one person twice on a level through one schedule is shown once", () => {
  assert.equal(levelsOf(policy, [duty(1, "UAna", "S1"), duty(1, "UAna", "S1"), duty(1, "UAna", "S2")])[0]?.people.length, 2);
});

test("a shift that two policies call is one shift, and they come in order", () => {
  const shift = (user: string, start: string, of: string): OnCall => ({ ...duty(1, user, "S1", of), start, end: start });
  const shifts = onePerShift([shift("UBen", "2026-11-30T08:00:00Z", "POL"), shift("UAna", "2026-11-23T08:00:00Z", "POL"), shift("UAna", "2026-11-23T08:00:00Z", "OTHER"), shift("UNia", "2026-11-23T08:00:00Z", "POL")]);
  assert.deepEqual(shifts.map((one) => one.user.id), ["UAna", "UNia", "UBen"]);
});
