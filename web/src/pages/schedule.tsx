// Why: whose turn it is, and whose it will be for two weeks. `html_url` of a schedule leads here, shift-based or with layers.
import type { JSX } from "preact";
import { ApiError, get, serverNow } from "../api/client";
import type { OnCall, Reference, Schedule } from "../api/types";
import { NamedList, Record, RecordHead, Shifts } from "../components/record";
import { LocalTime } from "../components/ui";
import { setUp, useResource } from "../live";
import { onePerShift, twoWeeksFrom } from "../on_call";

interface View { schedule: Schedule; people: Reference[]; shifts: OnCall[] }

/** The two forms of schedules have an address each, and answer 400 for the other's. */
async function inEitherForm(id: string, signal: AbortSignal): Promise<Schedule> {
  try {
    return (await get<{ schedule: Schedule }>(`schedules/${id}`, undefined, signal)).schedule;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 400)) throw error;
    return (await get<{ schedule: Schedule }>(`v3/schedules/${id}`, undefined, signal)).schedule;
  }
}

async function load(id: string, signal: AbortSignal): Promise<View> {
  const ahead = twoWeeksFrom(serverNow());
  const [schedule, people, onCalls] = await Promise.all([
    inEitherForm(id, signal),
    get<{ users: Reference[] }>(`schedules/${id}/users`, ahead, signal),
    get<{ oncalls: OnCall[] }>("oncalls", { ...ahead, schedule_ids: [id], limit: 100 }, signal),
  ]);
  return { schedule, people: people.users, shifts: onePerShift(onCalls.oncalls) };
}

export function SchedulePage({ id }: { id: string }): JSX.Element {
  const view = useResource(`schedule ${id}`, (signal) => load(id, signal), setUp, 60_000);
  return (
    <Record what="schedule" resource={view}>
      {({ schedule, people, shifts }) => (
        <>
          <RecordHead kind="Schedule" name={schedule.name} text={schedule.description}><LocalTime zone={schedule.time_zone} /></RecordHead>
          <div class="boards">
            {schedule.escalation_policies.length > 0 && <Shifts title="On call, the next two weeks" shifts={shifts} name={(shift) => shift.user} none="Nobody is on call" />}
            <NamedList title="Called by" of={schedule.escalation_policies} none="No escalation policy uses this schedule: it calls nobody." />
            <NamedList title="Who has a shift then" of={people} none="Nobody has a shift in the next two weeks." />
            <NamedList title="Owned by" of={schedule.teams} none="No team owns this schedule." />
          </div>
        </>
      )}
    </Record>
  );
}
