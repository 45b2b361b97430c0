// Why: whoever was just woken asks two things: what else is broken, and was this there before. One short line for each.
import type { JSX } from "preact";
import type { PastIncidents, RelatedIncident, RelatedIncidents } from "../api/types";
import { to } from "../router";
import { age } from "../time";
import { Named } from "./record";
import { Age, ErrorNote, Moment } from "./ui";

function Other({ of }: { of: RelatedIncident["incident"] }): JSX.Element {
  return <a class="alert-title" href={to(`incidents/${of.id}`)}>{of.title}</a>;
}

/** What is open on services that this one rests on, or that rest on it. */
export function AlsoOpen({ related, serviceId, error }: { related: RelatedIncidents | undefined; serviceId: string; error: unknown }): JSX.Element | null {
  const others = related?.related_incidents ?? [];
  if (others.length === 0 && !error) return null;
  return (
    <section class="panel panel-related" aria-label="Also broken">
      <h2>Also broken</h2>
      <ErrorNote error={error} />
      {others.map(({ incident, relationships }) => {
        const { supporting_services: below, dependent_services: above } = relationships[0]!.metadata;
        const rests = below.id !== serviceId;
        return (
          <div key={incident.id} class="alert">
            <Other of={incident} />
            <span class="quiet alert-facts">
              <Named of={rests ? below : above} />, {rests ? "which this service rests on" : "which rests on this service"} · {incident.resolved_at ? <>resolved <Moment at={incident.resolved_at} /></> : <>open for <Age at={incident.created_at} /></>}
            </span>
          </div>
        );
      })}
    </section>
  );
}

/** Earlier incidents with the same key or the same title. */
export function LastTime({ past, title, error }: { past: PastIncidents | undefined; title: string; error: unknown }): JSX.Element | null {
  const earlier = past?.past_incidents ?? [];
  if (earlier.length === 0 && !error) return null;
  return (
    <section class="panel panel-related" aria-label="Last time">
      <h2>Last time</h2>
      <ErrorNote error={error} />
      {earlier.map(({ incident }) => (
        <div key={incident.id} class="alert">
          <a class="alert-title" href={to(`incidents/${incident.id}`)}><Moment at={incident.created_at} precise={false} /></a>
          <span class="quiet">{incident.resolved_at ? <>resolved after {age(Date.parse(incident.resolved_at) - Date.parse(incident.created_at))}</> : "still open"}</span>
          {incident.title !== title && <span class="quiet alert-facts">{incident.title}</span>}
        </div>
      ))}
    </section>
  );
}
