// Why: "whom do I reach right now?": by policy and level, with the hour it is where they are. An empty place is red.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get } from "../api/client";
import type { EscalationPolicy, OnCall, Session } from "../api/types";
import { ErrorNote, Loading, LocalTime, Moment, Stamp } from "../components/ui";
import { setUp, useResource } from "../live";
import { levelsOf, type Level } from "../on_call";

interface Board { policies: EscalationPolicy[]; onCalls: OnCall[]; more: boolean }

async function load(signal: AbortSignal): Promise<Board> {
  const [policies, onCalls] = await Promise.all([
    get<{ escalation_policies: EscalationPolicy[]; more: boolean }>("escalation_policies", { limit: 100 }, signal),
    get<{ oncalls: OnCall[]; more: boolean }>("oncalls", { include: ["users"], limit: 100 }, signal),
  ]);
  return { policies: policies.escalation_policies, onCalls: onCalls.oncalls, more: policies.more || onCalls.more };
}

function Person({ one, me }: { one: OnCall; me: boolean }): JSX.Element {
  return (
    <li class="duty">
      <span class="duty-name">{one.user.summary ?? one.user.name}{me && <span class="tag tag-mine">you</span>}</span>
      <span class="duty-time"><LocalTime zone={one.user.time_zone} /></span>
      <span class="quiet duty-until">
        {one.end ? <>until <Moment at={one.end} precise={false} /></> : "always"}{one.schedule ? ` · ${one.schedule.summary ?? "schedule"}` : ""}
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

export function OnCallPage({ session }: { session: Session }): JSX.Element {
  const [query, setQuery] = useState("");
  const board = useResource("on call", load, setUp, 60_000); // a shift may end any minute
  const wanted = query.trim().toLowerCase();
  const policies = board.value?.policies.filter((policy) => wanted === "" || policy.name.toLowerCase().includes(wanted) || board.value?.onCalls.some((one) => one.escalation_policy.id === policy.id && (one.user.summary ?? "").toLowerCase().includes(wanted)));
  return (
    <>
      <div class="page-head">
        <h1>On call now</h1>
        <Stamp at={board.at} />
        {(board.value?.policies.length ?? 0) > 5 && <input type="search" aria-label="Find a policy or a person" placeholder="Find a policy or a person" value={query} onInput={(event) => setQuery(event.currentTarget.value)} />}
      </div>
      <ErrorNote error={board.error} retry={() => void board.reload()} />
      {!board.value && !board.error && <Loading what="who is on call" />}
      <div class="boards">
        {policies?.map((policy) => (
          <section key={policy.id} class="panel">
            <h2>{policy.name}</h2>
            <ol class="levels">{levelsOf(policy, board.value?.onCalls ?? []).map((level) => <LevelRow key={level.number} level={level} userId={session.user.id} />)}</ol>
          </section>
        ))}
      </div>
      {policies?.length === 0 && <div class="empty"><h2>{wanted === "" ? "No escalation policy yet" : "Nothing has that name"}</h2><p>{wanted === "" ? "An escalation policy says who is called first, and who next." : ""}</p></div>}
      {board.value?.more && <p class="quiet">There are more than fit here; search by name through the API.</p>}
    </>
  );
}
