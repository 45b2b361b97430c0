// Why: whose turn it is, and whose it will be for two weeks. `html_url` of a schedule leads here, shift-based or with layers.
import type { JSX } from "preact";
import { get, serverNow } from "../api/client";
import type { OnCall, Schedule } from "../api/types";
import { NamedList, Record, RecordHead, Shifts } from "../components/record";
import { LocalTime } from "../components/ui";
import { setUp, useResource } from "../live";
import { onePerShift } from "../on_call";

const AHEAD_MS = 14 * 86_400_000;

interface View { schedule: Schedule; shifts: OnCall[] }

async function load(id: string, signal: AbortSignal): Promise<View> {
  const now = serverNow();
  const [schedule, onCalls] = await Promise.all([
    get<{ schedule: Schedule }>(`schedules/${id}`, undefined, signal),
    get<{ oncalls: OnCall[] }>("oncalls", { schedule_ids: [id], since: new Date(now).toISOString(), until: new Date(now + AHEAD_MS).toISOString(), limit: 100 }, signal),
  ]);
  return { schedule: schedule.schedule, shifts: onePerShift(onCalls.oncalls) };
}

export function SchedulePage({ id }: { id: string }): JSX.Element {
  const view = useResource(`schedule ${id}`, (signal) => load(id, signal), setUp, 60_000);
  return (
    <Record what="schedule" resource={view}>
      {({ schedule, shifts }) => (
        <>
          <RecordHead kind="Schedule" name={schedule.name} text={schedule.description}><LocalTime zone={schedule.time_zone} /></RecordHead>
          <div class="boards">
            {schedule.escalation_policies.length > 0 && <Shifts title="On call, the next two weeks" shifts={shifts} name={(shift) => shift.user} none="Nobody is on call" />}
            <NamedList title="Called by" of={schedule.escalation_policies} none="No escalation policy uses this schedule: it calls nobody." />
            <NamedList title="People" of={schedule.users} none="Nobody is in this schedule." />
            <NamedList title="Owned by" of={schedule.teams} none="No team owns this schedule." />
          </div>
        </>
      )}
    </Record>
  );
}
