// Why: the first screen at night: what needs somebody, longest first, and whether it is mine.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { address, get } from "../api/client";
import type { Incident, Service, Session } from "../api/types";
import { IncidentRow } from "../components/incident_row";
import { CopyButton, ErrorNote, Loading } from "../components/ui";
import { setUp, useResource } from "../live";
import { byNeed, isMine } from "../order";
import { to } from "../router";

type Filter = "open" | "mine" | "resolved";
const FILTERS: readonly { id: Filter; label: string }[] = [
  { id: "open", label: "All open" },
  { id: "mine", label: "Mine" },
  { id: "resolved", label: "Resolved" },
];
const SHOWN_MAX = 100; // the API's page; more than this nobody reads, the rest is counted

interface Page { incidents: Incident[]; more: boolean }

async function load(filter: Filter, session: Session, signal: AbortSignal): Promise<Page> {
  const resolved = filter === "resolved";
  const page = await get<Page>("incidents", {
    statuses: resolved ? ["resolved"] : ["triggered", "acknowledged"],
    ...(filter === "mine" ? { user_ids: [session.user.id] } : {}),
    limit: SHOWN_MAX,
    sort_by: resolved ? "resolved_at:desc" : "urgency:desc,created_at:asc",
    date_range: "all",
  }, signal);
  const mine = filter === "mine" ? page.incidents.filter((incident) => isMine(incident, session.user.id)) : page.incidents;
  return { incidents: mine.sort(byNeed), more: page.more };
}

export function firstEventCommand(key: string): string {
  const event = { routing_key: key, event_action: "trigger", payload: { summary: "Checkout answers slowly", source: "web-1", severity: "critical" } };
  return `curl -X POST ${address("v2/enqueue")} \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(event)}'`;
}

function FirstEvent(): JSX.Element {
  const services = useResource("first-event-key", (signal) => get<{ services: Service[] }>("services", { include: ["integrations"], limit: 25 }, signal), setUp);
  const key = services.value?.services.flatMap((service) => service.integrations).find((integration) => integration.integration_key)?.integration_key;
  const any = useResource("any incident", (signal) => get<Page>("incidents", { limit: 1, date_range: "all" }, signal));
  const command = firstEventCommand(key ?? "YOUR_32_CHARACTER_ROUTING_KEY");
  return (
    <details class="first-event" open={any.value?.incidents.length === 0}>
      <summary>Send an event to see one</summary>
      <p>The quickest way is the <a href={to("practice")}>practice phone</a>: it sends a test event and rings. From a shell or a monitoring tool it is one request:</p>
      <pre tabIndex={0}>{command}</pre>
      <CopyButton text={command} label="Copy the command" />
      {!key && services.value && <p class="quiet">The routing key is that of a service's integration; create one with <code>POST /services/ID/integrations</code>.</p>}
    </details>
  );
}

function Empty({ filter }: { filter: Filter }): JSX.Element {
  const text = { open: "Nothing is open", mine: "Nothing is yours", resolved: "Nothing was resolved yet" }[filter];
  const hint = { open: "No incident needs anybody right now.", mine: "You are not called for any open incident.", resolved: "Incidents that end are listed here." }[filter];
  return (
    <div class="empty">
      <h2>{text}</h2>
      <p>{hint}</p>
      {filter !== "mine" && <FirstEvent />}
    </div>
  );
}

export function IncidentsPage({ session }: { session: Session }): JSX.Element {
  const [filter, setFilter] = useState<Filter>("open");
  const page = useResource(`incidents ${filter}`, (signal) => load(filter, session, signal));
  const incidents = page.value?.incidents;
  return (
    <>
      <div class="page-head">
        <h1>Incidents</h1>
        <div class="switch" role="group" aria-label="Which incidents">
          {FILTERS.map(({ id, label }) => (
            <button key={id} type="button" aria-pressed={filter === id} onClick={() => setFilter(id)}>{label}</button>
          ))}
        </div>
      </div>
      <ErrorNote error={page.error} retry={() => void page.reload()} />
      {!incidents && !page.error && <Loading what="incidents" />}
      {incidents?.length === 0 && <Empty filter={filter} />}
      {incidents && incidents.length > 0 && (
        <ul class="rows">
          {incidents.map((incident) => <IncidentRow key={incident.id} incident={incident} mine={filter !== "resolved" && isMine(incident, session.user.id)} />)}
        </ul>
      )}
      {page.value?.more && <p class="quiet">These are the first {SHOWN_MAX}; there are more.</p>}
    </>
  );
}
