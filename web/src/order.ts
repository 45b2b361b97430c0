// Why: the first line of the list is what needs a person first.
import type { Incident } from "./api/types";

const STATUS_RANK = { triggered: 0, acknowledged: 1, resolved: 2 } as const;

/** Unacknowledged first, then high urgency, then the one waiting longest; resolved ones newest first. */
export function byNeed(a: Incident, b: Incident): number {
  if (a.status !== b.status) return STATUS_RANK[a.status] - STATUS_RANK[b.status];
  if (a.status === "resolved") return Date.parse(b.resolved_at ?? b.created_at) - Date.parse(a.resolved_at ?? a.created_at) || b.incident_number - a.incident_number;
  if (a.urgency !== b.urgency) return a.urgency === "high" ? -1 : 1;
  return Date.parse(a.created_at) - Date.parse(b.created_at) || a.incident_number - b.incident_number;
}

export function isMine(incident: Incident, userId: string): boolean {
  return incident.assignments.some((assignment) => assignment.assignee.id === userId) || incident.acknowledgements.some((one) => one.acknowledger.id === userId);
}

/** "Ana", "Ana and Ben", "Ana, Ben and Cleo", "Ana, Ben and 3 others". */
export function names(people: readonly (string | null)[]): string {
  const known = people.map((name) => name ?? "somebody");
  if (known.length > 3) return `${known.slice(0, 2).join(", ")} and ${known.length - 2} others`;
  if (known.length < 2) return known[0] ?? "";
  return `${known.slice(0, -1).join(", ")} and ${known[known.length - 1] ?? ""}`;
}

/** One line: who has it, or who is being called. */
export function whoLine(incident: Incident): string {
  const acknowledgers = names(incident.acknowledgements.map((one) => one.acknowledger.summary));
  const assignees = names(incident.assignments.map((one) => one.assignee.summary));
  if (incident.status === "resolved") return "Resolved";
  if (incident.status === "acknowledged") return acknowledgers ? `${acknowledgers} ${incident.acknowledgements.length > 1 ? "have" : "has"} it` : "Acknowledged";
  return assignees ? `Calling ${assignees}` : "Nobody is being called";
}
