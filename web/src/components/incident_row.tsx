// Why: an incident in a list: what it is, how long, who has it.
import type { JSX } from "preact";
import type { Incident } from "../api/types";
import { whoLine } from "../order";
import { to } from "../router";
import { Age, Moment } from "./ui";

export function IncidentRow({ incident, mine }: { incident: Incident; mine: boolean }): JSX.Element {
  return (
    <li>
      <a class={`row row-${incident.status} urgency-${incident.urgency}`} href={to(`incidents/${incident.id}`)}>
        <span class="row-main">
          <span class="row-title">{incident.title}</span>
          <span class="row-meta">
            <span class="row-service">{incident.service.summary}</span>
            <span>#{incident.incident_number}</span>
            {incident.priority && <span class="tag">{incident.priority.summary ?? incident.priority.name}</span>}
            {incident.alert_counts.all > 1 && <span>{incident.alert_counts.all} alerts</span>}
          </span>
        </span>
        <span class="row-side">
          <span class={`status status-${incident.status}`}>{incident.status}</span>
          <span class="row-age">{incident.status === "resolved" && incident.resolved_at ? <Moment at={incident.resolved_at} /> : <Age at={incident.created_at} />}</span>
        </span>
        <span class="row-who">
          {incident.urgency === "high" ? <span class="tag tag-high">high</span> : <span class="tag">low</span>} {whoLine(incident)}{mine && <span class="tag tag-mine">you</span>}
        </span>
      </a>
    </li>
  );
}
