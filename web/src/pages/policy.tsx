// Why: who a policy calls, in which order, and for which services. `html_url` of an escalation policy leads here.
import type { JSX } from "preact";
import type { Session } from "../api/types";
import { Levels } from "../components/levels";
import { NamedList, Record, RecordHead } from "../components/record";
import { setUp, useResource } from "../live";
import { loadPolicy } from "../on_call";

export function PolicyPage({ id, session }: { id: string; session: Session }): JSX.Element {
  const view = useResource(`policy ${id}`, (signal) => loadPolicy(id, signal), setUp, 60_000);
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
