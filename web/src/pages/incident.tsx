// Why: one incident, read from the top at 3 a.m.: what is it, who has it, what happens next, what can I do; then why, what
// came in and what was done.
import type { JSX } from "preact";
import { get } from "../api/client";
import type { Alert, ChangeEvents, Decision, Incident, PastIncidents, RelatedIncidents, Session, TimelineEntry } from "../api/types";
import { Alerts } from "../components/alerts";
import { Changes } from "../components/changes";
import { CustomFields } from "../components/custom_fields";
import { Icon } from "../components/icons";
import { IncidentActions } from "../components/incident_actions";
import { Named } from "../components/record";
import { AlsoOpen, LastTime } from "../components/related";
import { Timeline } from "../components/timeline";
import { Age, ErrorNote, Loading, Moment } from "../components/ui";
import { Why } from "../components/why";
import { about, setUp, useNow, useResource } from "../live";
import { nextStep, type Ladder, type NextStep } from "../next_step";
import { loadPolicy } from "../on_call";
import { whoLine } from "../order";
import { to } from "../router";
import { clock, countdown, exact, moment } from "../time";

function Countdown({ at }: { at: string }): JSX.Element {
  const now = useNow();
  const left = Date.parse(at) - now;
  return <time dateTime={at} title={exact(at)}>at {left < 12 * 3600_000 ? clock(at) : moment(at, now)} <span class="quiet">({left > 0 ? `in ${countdown(left)}` : "due now"})</span></time>;
}

function Now({ incident, step }: { incident: Incident; step: NextStep | undefined }): JSX.Element {
  return (
    <section class={`now now-${incident.status}`} aria-label="Right now">
      <p class="now-who">{incident.status === "resolved" && incident.resolved_at ? <>Resolved <Moment at={incident.resolved_at} />{incident.last_status_change_by?.summary ? ` by ${incident.last_status_change_by.summary}` : ""}</> : whoLine(incident)}</p>
      {step && <p class={step.alarming ? "now-next alarming" : "now-next"}>{step.text}{step.at && <> <Countdown at={step.at} /></>}</p>}
      {incident.status !== "resolved" && incident.incidents_responders.length > 0 && <p class="now-next">Asked to help: {incident.incidents_responders.map((one) => `${one.user?.summary ?? "somebody"} (${one.state})`).join(", ")}</p>}
    </section>
  );
}

function Head({ incident }: { incident: Incident }): JSX.Element {
  return (
    <div class="incident-head">
      <p class="crumb"><a href={to("incidents")}><Icon name="back" size={18} />Incidents</a></p>
      <p class="incident-tags">
        <span class={`status status-${incident.status}`}>{incident.status}</span>
        <span class={incident.urgency === "high" ? "tag tag-high" : "tag"}>{incident.urgency} urgency</span>
        {incident.priority && <span class="tag">{incident.priority.summary ?? incident.priority.name}</span>}
        <span class="quiet">#{incident.incident_number}</span>
      </p>
      <h1>{incident.title}</h1>
      <p class="incident-facts">
        <b><Named of={incident.service} /></b> · open {incident.status === "resolved" ? "from" : "for"} {incident.status === "resolved" ? <Moment at={incident.created_at} /> : <Age at={incident.created_at} />} · policy <Named of={incident.escalation_policy} />
      </p>
    </div>
  );
}

export function IncidentPage({ id, session }: { id: string; session: Session }): JSX.Element {
  const incident = useResource(`incident ${id}`, (signal) => get<{ incident: Incident }>(`incidents/${id}`, { include: ["custom_fields"] }, signal), about(id));
  const timeline = useResource(`timeline ${id}`, (signal) => get<{ timeline: TimelineEntry[] }>(`muster/incidents/${id}/timeline`, undefined, signal), about(id));
  const alerts = useResource(`alerts ${id}`, (signal) => get<{ alerts: Alert[] }>(`incidents/${id}/alerts`, { limit: 100 }, signal), about(id));
  const changes = useResource(`changes ${id}`, (signal) => get<ChangeEvents>(`incidents/${id}/related_change_events`, { limit: 10 }, signal), about(id));
  const related = useResource(`related ${id}`, (signal) => get<RelatedIncidents>(`incidents/${id}/related_incidents`, undefined, signal));
  const past = useResource(`past ${id}`, (signal) => get<PastIncidents>(`incidents/${id}/past_incidents`, { limit: 3 }, signal), about(id));
  const why = useResource(`why ${id}`, (signal) => get<{ decisions: Decision[] }>("muster/why", { incident: id }, signal), about(id));
  const policyId = incident.value?.incident.escalation_policy.id;
  const ladder = useResource(`ladder ${policyId ?? ""}`, async (signal): Promise<Omit<Ladder, "level">> => {
    if (!policyId) return { policy: undefined, onCalls: [] };
    return loadPolicy(policyId, signal);
  }, setUp, 60_000);

  if (!incident.value) {
    if (incident.error?.status === 404)
      return <div class="empty"><h1>There is no such incident</h1><p><a class="button button-primary" href={to("incidents")}>Go to the incidents</a></p></div>;
    return incident.error ? <ErrorNote error={incident.error} retry={() => void incident.reload()} /> : <Loading what="the incident" />;
  }
  const it = incident.value.incident;
  const decisions = why.value?.decisions;
  const level = it.muster.escalation_level;
  const steps: Ladder = { policy: ladder.value?.policy, onCalls: ladder.value?.onCalls ?? [], level: level > 0 ? level : undefined };
  const reloadAll = async (): Promise<void> => void (await Promise.all([incident.reload(), timeline.reload(), why.reload(), alerts.reload()]));

  return (
    <article class="incident">
      <Head incident={it} />
      <ErrorNote error={incident.error} retry={() => void incident.reload()} />
      <div class="incident-columns">
        <div class="incident-left">
          <Now incident={it} step={nextStep(it, steps)} />
          <IncidentActions incident={it} ladder={steps} session={session} onChanged={reloadAll} />
          <Why decisions={decisions} error={why.error} userId={session.user.id} />
        </div>
        <div class="incident-right">
          <CustomFields of="incident" fields={it.custom_fields} values={`incidents/${it.id}/custom_fields/values`} onChanged={reloadAll} />
          <Alerts title={it.title} alerts={alerts.value?.alerts} error={alerts.error} />
          <AlsoOpen related={related.value} serviceId={it.service.id} error={related.error} />
          <Changes title="What changed" page={changes.value} error={changes.error} openedAt={it.created_at} serviceId={it.service.id} />
          <LastTime past={past.value} title={it.title} error={past.error} />
          <Timeline entries={timeline.value?.timeline} error={timeline.error} />
        </div>
      </div>
    </article>
  );
}
