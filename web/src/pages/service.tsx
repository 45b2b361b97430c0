// Why: what a service is, who answers for it right now, and what is open. `html_url` of a service leads here.
import type { JSX } from "preact";
import { get } from "../api/client";
import type { ChangeEvents, CustomField, Service, Session } from "../api/types";
import { Changes } from "../components/changes";
import { CustomFields } from "../components/custom_fields";
import { Levels } from "../components/levels";
import { Named, NamedList, OpenIncidents, Record, RecordHead } from "../components/record";
import { ErrorNote } from "../components/ui";
import { setUp, useResource } from "../live";
import { loadPolicy, type PolicyNow } from "../on_call";

async function load(id: string, signal: AbortSignal): Promise<PolicyNow & { service: Service }> {
  const { service } = await get<{ service: Service }>(`services/${id}`, undefined, signal);
  return { service, ...(await loadPolicy(service.escalation_policy.id, signal)) };
}

/** Its custom fields, which the API answers apart from the rest. */
function About({ id }: { id: string }): JSX.Element | null {
  const values = `services/${id}/custom_fields/values`;
  const fields = useResource(values, (signal) => get<{ custom_fields: CustomField[] }>(values, undefined, signal), setUp);
  if (!fields.value) return <ErrorNote error={fields.error} retry={() => void fields.reload()} />;
  return <CustomFields of="service" fields={fields.value.custom_fields} values={values} onChanged={fields.reload} />;
}

export function ServicePage({ id, session }: { id: string; session: Session }): JSX.Element {
  const view = useResource(`service ${id}`, (signal) => load(id, signal), setUp, 60_000);
  const changes = useResource(`changes of ${id}`, (signal) => get<ChangeEvents>(`services/${id}/change_events`, { limit: 5 }, signal), (change) => change.kind === "change_event");
  return (
    <Record what="service" resource={view}>
      {({ service, policy, onCalls }) => (
        <>
          <RecordHead kind="Service" name={service.name} text={service.description}>
            {service.status === "disabled" && <b>Disabled: its events are not taken. </b>}
            {service.status === "maintenance" && <b>In maintenance: nobody is called. </b>}
          </RecordHead>
          <OpenIncidents filter={{ service_ids: [id] }} session={session} />
          <div class="boards">
            <section class="panel">
              <h2>Called now, by <Named of={service.escalation_policy} /></h2>
              <Levels policy={policy} onCalls={onCalls} userId={session.user.id} />
            </section>
            <Changes title="Last changes" page={changes.value} error={changes.error} serviceId={id} none="No change was reported yet. A deployment is reported by POST /v2/change/enqueue with the key of an integration." />
            <About id={id} />
            <NamedList title="Owned by" of={service.teams} none="No team owns this service." />
            <NamedList title="Events come in by" of={service.integrations} none="No integration: nothing can send events here." />
          </div>
        </>
      )}
    </Record>
  );
}
