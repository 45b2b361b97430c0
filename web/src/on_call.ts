// Why: puts the answer of /oncalls onto the levels of a policy, so that what is missing shows too.
import { get } from "./api/client";
import type { EscalationPolicy, OnCall, Reference } from "./api/types";

export interface Level {
  number: number;
  /** Minutes after the trigger until this level is called. */
  afterMinutes: number;
  people: OnCall[];
  /** Schedules of this level with nobody on call. */
  gaps: Reference[];
}

export function levelsOf(policy: EscalationPolicy, onCalls: readonly OnCall[]): Level[] {
  let after = 0;
  return policy.escalation_rules.map((rule, index) => {
    const number = index + 1;
    const here = onCalls.filter((one) => one.escalation_policy.id === policy.id && one.escalation_level === number);
    const people = here.filter((one, at) => here.findIndex((other) => other.user.id === one.user.id && other.schedule?.id === one.schedule?.id) === at);
    const gaps = rule.targets.filter((target) => target.type.startsWith("schedule") && !here.some((one) => one.schedule?.id === target.id));
    const level = { number, afterMinutes: after, people, gaps };
    after += rule.escalation_delay_in_minutes;
    return level;
  });
}

export function byStart(shifts: readonly OnCall[]): OnCall[] {
  const from = (shift: OnCall): number => (shift.start ? Date.parse(shift.start) : 0);
  return [...shifts].sort((a, b) => from(a) - from(b));
}

/** A schedule that several policies call is told once per shift. */
export function onePerShift(onCalls: readonly OnCall[]): OnCall[] {
  return byStart(onCalls.filter((one, at) => onCalls.findIndex((other) => other.user.id === one.user.id && other.start === one.start && other.end === one.end) === at));
}

/** The window of a list of coming shifts. */
export function twoWeeksFrom(now: number): { since: string; until: string } {
  return { since: new Date(now).toISOString(), until: new Date(now + 14 * 86_400_000).toISOString() };
}

export interface PolicyNow { policy: EscalationPolicy; onCalls: OnCall[] }

/** A policy, and who stands on its levels right now. */
export async function loadPolicy(id: string, signal: AbortSignal): Promise<PolicyNow> {
  const [policy, onCalls] = await Promise.all([
    get<{ escalation_policy: EscalationPolicy }>(`escalation_policies/${id}`, undefined, signal),
    get<{ oncalls: OnCall[] }>("oncalls", { escalation_policy_ids: [id], include: ["users"], limit: 100 }, signal),
  ]);
  return { policy: policy.escalation_policy, onCalls: onCalls.oncalls };
}
