// Why: who a policy calls, in which order, and for which services. `html_url` of an escalation policy leads here.
import type { JSX } from "preact";
import { get } from "../api/client";
import type { EscalationPolicy, OnCall, Session } from "../api/types";
import { Levels } from "../components/levels";
import { NamedList, Record, RecordHead } from "../components/record";
import { setUp, useResource } from "../live";

interface View { policy: EscalationPolicy; onCalls: OnCall[] }

async function load(id: string, signal: AbortSignal): Promise<View> {
  const [policy, onCalls] = await Promise.all([
    get<{ escalation_policy: EscalationPolicy }>(`escalation_policies/${id}`, undefined, signal),
    get<{ oncalls: OnCall[] }>("oncalls", { escalation_policy_ids: [id], include: ["users"], limit: 100 }, signal),
  ]);
  return { policy: policy.escalation_policy, onCalls: onCalls.oncalls };
}

export function PolicyPage({ id, session }: { id: string; session: Session }): JSX.Element {
  const view = useResource(`policy ${id}`, (signal) => load(id, signal), setUp, 60_000);
  return (
    <Record what="escalation policy" resource={view}>
      {({ policy, onCalls }) => (
        <>
          <RecordHead kind="Escalation policy" name={policy.name} text={policy.description}>
            {policy.num_loops > 0 && <>If nobody answers it begins again, {policy.num_loops === 1 ? "once" : `${policy.num_loops} times`}.</>}
          </RecordHead>
          <div class="boards">
            <section class="panel">
              <h2>Called now</h2>
              <Levels policy={policy} onCalls={onCalls} userId={session.user.id} />
            </section>
            <NamedList title="For these services" of={policy.services} none="No service uses this policy." />
            <NamedList title="Owned by" of={policy.teams} none="No team owns this policy." />
          </div>
        </>
      )}
    </Record>
  );
}
