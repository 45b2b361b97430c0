// Why: the pages behind the html_url of services, policies, schedules, people and teams share their frame: what it is called, what it says of
// itself, and panels of what belongs to it. They are for reading: what they show is set
// through the API, but for the custom fields of a service.
import type { ComponentChildren, JSX } from "preact";
import { get } from "../api/client";
import type { Incident, OnCall, Reference, Session } from "../api/types";
import { useResource, type Resource } from "../live";
import { isMine } from "../order";
import { to } from "../router";
import { IncidentRow } from "./incident_row";
import { ErrorNote, Loading, Moment } from "./ui";

/** Nothing yet, no such thing, an error, or what `children` make of it. */
export function Record<T>({ what, resource, children }: { what: string; resource: Resource<T>; children: (value: T) => ComponentChildren }): JSX.Element {
  if (resource.value) return <>{children(resource.value)}</>;
  if (resource.error?.status === 404)
    return <div class="empty"><h1>There is no such {what}</h1><p><a class="button button-primary" href={to("incidents")}>Go to the incidents</a></p></div>;
  return resource.error ? <ErrorNote error={resource.error} retry={() => void resource.reload()} /> : <Loading what={`the ${what}`} />;
}

export function RecordHead({ kind, name, text, children }: { kind: string; name: string; text?: string | null; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="record-head">
      <p class="quiet">{kind}</p>
      <h1>{name}</h1>
      {text && <p>{text}</p>}
      {children && <p class="incident-facts">{children}</p>}
    </div>
  );
}

/** The page of a thing, by the type of its reference: "service_reference" -> services/ID. */
export function pageOf(reference: Reference): string | undefined {
  const folder = ({ service: "services", escalation_policy: "escalation_policies", schedule: "schedules", schedule_v3: "schedules", user: "users", team: "teams" } as Record<string, string>)[reference.type.replace(/_reference$/, "")];
  return folder && to(`${folder}/${reference.id}`);
}

export function Named({ of }: { of: Reference }): JSX.Element {
  const page = pageOf(of);
  return page ? <a href={page}>{of.summary ?? of.id}</a> : <>{of.summary ?? of.id}</>;
}

export function NamedList({ title, of, none }: { title: string; of: readonly Reference[] | undefined; none: string }): JSX.Element {
  return (
    <section class="panel">
      <h2>{title}</h2>
      {of?.length === 0 && <p class="quiet">{none}</p>}
      <ul class="names">{of?.map((one) => <li key={one.id}><Named of={one} /></li>)}</ul>
    </section>
  );
}

/** Open incidents that `filter` (parameters of GET /incidents) leaves. */
export function OpenIncidents({ filter, session }: { filter: { [name: string]: readonly string[] }; session: Session }): JSX.Element {
  const page = useResource(`open ${JSON.stringify(filter)}`, (signal) => get<{ incidents: Incident[]; more: boolean }>("incidents", { ...filter, statuses: ["triggered", "acknowledged"], date_range: "all", sort_by: "urgency:desc,created_at:asc", limit: 25 }, signal));
  return (
    <section>
      <h2 class="between">Open incidents</h2>
      <ErrorNote error={page.error} retry={() => void page.reload()} />
      {page.value?.incidents.length === 0 && <p class="quiet">Nothing is open.</p>}
      <ul class="rows">{page.value?.incidents.map((incident) => <IncidentRow key={incident.id} incident={incident} mine={isMine(incident, session.user.id)} />)}</ul>
      {page.value?.more && <p class="quiet">These are the first 25; there are more.</p>}
    </section>
  );
}

/** Shifts one after another; `name` says what is told of each, `more` the rest. */
export function Shifts({ title, shifts, name, more, none }: {
  title: string;
  shifts: readonly OnCall[] | undefined;
  name: (shift: OnCall) => Reference;
  more?: (shift: OnCall) => string;
  none: string;
}): JSX.Element {
  return (
    <section class="panel">
      <h2>{title}</h2>
      {shifts?.length === 0 && <p class="gap" role="alert">{none}</p>}
      <ul class="shifts">
        {shifts?.map((one) => (
          <li key={`${name(one).id} ${one.escalation_level} ${one.start ?? ""}`}>
            <span><b><Named of={name(one)} /></b>{more && <span class="quiet"> {more(one)}</span>}</span>
            <span class="quiet">{one.start && one.end ? <><Moment at={one.start} precise={false} /> to <Moment at={one.end} precise={false} /></> : "always"}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
