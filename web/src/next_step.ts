// Why: "what happens if I do nothing?" is the question behind every glance at an open incident. Answered from what the server
// has planned (pending actions) and who stands on the policy's levels.
import type { EscalationPolicy, Incident, OnCall } from "./api/types";
import { names } from "./order";

export interface NextStep {
  text: string;
  at: string | undefined;
  alarming: boolean;
}

export interface Ladder {
  policy: EscalationPolicy | undefined;
  onCalls: OnCall[];
  /** 1-based level in force; undefined when not known or assigned by hand. */
  level: number | undefined;
}

/** Who is on call at that level, by name. */
export function peopleAt(onCalls: readonly OnCall[], level: number): string[] {
  const found = onCalls.filter((one) => one.escalation_level === level).map((one) => one.user.summary ?? "somebody");
  return [...new Set(found)];
}

export function levelAfter(ladder: Ladder): number | undefined {
  if (ladder.level === undefined || !ladder.policy) return undefined;
  return ladder.level >= ladder.policy.escalation_rules.length ? 1 : ladder.level + 1;
}

export function nextStep(incident: Incident, ladder: Ladder): NextStep | undefined {
  const pending = (type: string): string | undefined => incident.pending_actions.find((action) => action.type === type)?.at;
  if (incident.status === "resolved") return undefined;
  if (incident.muster.held_by_maintenance_window && incident.status === "triggered") return { text: "Held by a maintenance window: it calls when the window ends, if it is still open", at: undefined, alarming: false };
  if (incident.muster.snoozed_until) return { text: "Snoozed: calls again if it is still open", at: incident.muster.snoozed_until, alarming: false };
  if (incident.muster.exhausted && incident.status === "triggered") return { text: "Nobody answered on any level. Escalate or reassign it", at: undefined, alarming: true };
  const fallBack = pending("unacknowledge");
  if (incident.status === "acknowledged") {
    const done = pending("resolve");
    if (fallBack) return { text: "Calls again unless it is resolved", at: fallBack, alarming: false };
    return done ? { text: "Resolves by itself", at: done, alarming: false } : { text: "Nobody else is called until it is resolved", at: undefined, alarming: false };
  }
  const escalates = pending("escalate");
  if (escalates) {
    const level = levelAfter(ladder);
    const people = level === undefined ? "" : names(peopleAt(ladder.onCalls, level));
    if (level === undefined) return { text: "The next level is called", at: escalates, alarming: false };
    if (people === "") return { text: `Level ${level} is next, and nobody is on call there`, at: escalates, alarming: true };
    return { text: `${people} ${people.includes(" and ") ? "are" : "is"} next`, at: escalates, alarming: false };
  }
  if (incident.urgency === "low") return { text: "Low urgency: nobody else is called by itself", at: undefined, alarming: false };
  if (incident.assignments.length > 0 && ladder.policy && ladder.level !== undefined && ladder.level < ladder.policy.escalation_rules.length)
    return { text: "No further step is planned. Escalate if nobody answers", at: undefined, alarming: false };
  return { text: "Nobody else will be called by itself. Escalate or reassign", at: undefined, alarming: true };
}
