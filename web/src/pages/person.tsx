// Why: where somebody is, what they are called for, and what they have. `html_url` of a user leads here.
import type { JSX } from "preact";
import { get, serverNow } from "../api/client";
import type { OnCall, Session, User } from "../api/types";
import { NamedList, OpenIncidents, Record, RecordHead, Shifts } from "../components/record";
import { LocalTime } from "../components/ui";
import { setUp, useResource } from "../live";
import { byStart, twoWeeksFrom } from "../on_call";

interface View { user: User; shifts: OnCall[] }

async function load(id: string, signal: AbortSignal): Promise<View> {
  const [user, onCalls] = await Promise.all([
    get<{ user: User }>(`users/${id}`, undefined, signal),
    get<{ oncalls: OnCall[] }>("oncalls", { ...twoWeeksFrom(serverNow()), user_ids: [id], limit: 100 }, signal),
  ]);
  return { user: user.user, shifts: byStart(onCalls.oncalls) };
}

export function PersonPage({ id, session }: { id: string; session: Session }): JSX.Element {
  const view = useResource(`person ${id}`, (signal) => load(id, signal), setUp, 60_000);
  return (
    <Record what="person" resource={view}>
      {({ user, shifts }) => (
        <>
          <RecordHead kind="Person" name={user.name} text={user.job_title}><LocalTime zone={user.time_zone} /> · <a href={`mailto:${user.email}`}>{user.email}</a></RecordHead>
          <OpenIncidents filter={{ user_ids: [id] }} session={session} />
          <div class="boards">
            <Shifts title="Called by, the next two weeks" shifts={shifts} name={(shift) => shift.escalation_policy} more={(shift) => `level ${shift.escalation_level}`} none="By no escalation policy" />
            <NamedList title="Teams" of={user.teams} none="In no team." />
          </div>
        </>
      )}
    </Record>
  );
}
