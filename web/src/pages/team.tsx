// Why: who is in a team, what it owns and what is open for it. `html_url` of a team leads here.
import type { JSX } from "preact";
import { get } from "../api/client";
import type { Reference, Session, Team } from "../api/types";
import { NamedList, OpenIncidents, Record, RecordHead } from "../components/record";
import { setUp, useResource } from "../live";

interface View { team: Team; members: Reference[]; services: Reference[]; policies: Reference[]; schedules: Reference[] }

async function load(id: string, signal: AbortSignal): Promise<View> {
  const owned = { team_ids: [id], limit: 100 };
  const [team, members, services, policies, schedules, shiftBased] = await Promise.all([
    get<{ team: Team }>(`teams/${id}`, undefined, signal),
    get<{ members: { user: Reference; role: string }[] }>(`teams/${id}/members`, { limit: 100 }, signal),
    get<{ services: Reference[] }>("services", owned, signal),
    get<{ escalation_policies: Reference[] }>("escalation_policies", owned, signal),
    get<{ schedules: Reference[] }>("schedules", owned, signal),
    get<{ schedules: Reference[] }>("v3/schedules", owned, signal),
  ]);
  return { team: team.team, members: members.members.map((one) => one.user), services: services.services, policies: policies.escalation_policies, schedules: [...schedules.schedules, ...shiftBased.schedules] };
}

export function TeamPage({ id, session }: { id: string; session: Session }): JSX.Element {
  const view = useResource(`team ${id}`, (signal) => load(id, signal), setUp);
  return (
    <Record what="team" resource={view}>
      {({ team, members, services, policies, schedules }) => (
        <>
          <RecordHead kind="Team" name={team.name} text={team.description} />
          <OpenIncidents filter={{ team_ids: [id] }} session={session} />
          <div class="boards">
            <NamedList title="Members" of={members} none="Nobody is in this team." />
            <NamedList title="Services" of={services} none="It owns no service." />
            <NamedList title="Escalation policies" of={policies} none="It owns no escalation policy." />
            <NamedList title="Schedules" of={schedules} none="It owns no schedule." />
          </div>
        </>
      )}
    </Record>
  );
}
