// Why: who is called by a policy, level by level, with the hour it is where they are. An empty place is red.
import type { JSX } from "preact";
import type { EscalationPolicy, OnCall } from "../api/types";
import { levelsOf, type Level } from "../on_call";
import { to } from "../router";
import { LocalTime, Moment } from "./ui";

function Person({ one, me }: { one: OnCall; me: boolean }): JSX.Element {
  return (
    <li class="duty">
      <span class="duty-name"><a href={to(`users/${one.user.id}`)}>{one.user.summary ?? one.user.name}</a>{me && <span class="tag tag-mine">you</span>}</span>
      <span class="duty-time"><LocalTime zone={one.user.time_zone} /></span>
      <span class="quiet duty-until">
        {one.end ? <>until <Moment at={one.end} precise={false} /></> : "always"}{one.schedule && <> · <a href={to(`schedules/${one.schedule.id}`)}>{one.schedule.summary ?? "schedule"}</a></>}
      </span>
    </li>
  );
}

function LevelRow({ level, userId }: { level: Level; userId: string }): JSX.Element {
  return (
    <li class="level">
      <span class="level-number">Level {level.number}{level.afterMinutes > 0 && <span class="quiet"> after {level.afterMinutes} min</span>}</span>
      <ul>
        {level.people.map((one) => <Person key={one.user.id + (one.schedule?.id ?? "")} one={one} me={one.user.id === userId} />)}
        {level.gaps.map((gap) => <li key={gap.id} class="gap" role="alert">Nobody: {gap.summary ?? "schedule"} has a gap now</li>)}
        {level.people.length === 0 && level.gaps.length === 0 && <li class="gap" role="alert">Nobody is on call</li>}
      </ul>
    </li>
  );
}

export function Levels({ policy, onCalls, userId }: { policy: EscalationPolicy; onCalls: readonly OnCall[]; userId: string }): JSX.Element {
  return <ol class="levels">{levelsOf(policy, onCalls).map((level) => <LevelRow key={level.number} level={level} userId={userId} />)}</ol>;
}
