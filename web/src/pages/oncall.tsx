// Why: "whom do I reach right now?": by policy and level, with the hour it is where they are. An empty place is red.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get } from "../api/client";
import type { EscalationPolicy, OnCall, Session } from "../api/types";
import { Levels } from "../components/levels";
import { ErrorNote, Loading, Stamp } from "../components/ui";
import { setUp, useResource } from "../live";
import { to } from "../router";

interface Board { policies: EscalationPolicy[]; onCalls: OnCall[]; more: boolean }

async function load(signal: AbortSignal): Promise<Board> {
  const [policies, onCalls] = await Promise.all([
    get<{ escalation_policies: EscalationPolicy[]; more: boolean }>("escalation_policies", { limit: 100 }, signal),
    get<{ oncalls: OnCall[]; more: boolean }>("oncalls", { include: ["users"], limit: 100 }, signal),
  ]);
  return { policies: policies.escalation_policies, onCalls: onCalls.oncalls, more: policies.more || onCalls.more };
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
            <h2><a href={to(`escalation_policies/${policy.id}`)}>{policy.name}</a></h2>
            <Levels policy={policy} onCalls={board.value?.onCalls ?? []} userId={session.user.id} />
          </section>
        ))}
      </div>
      {policies?.length === 0 && <div class="empty"><h2>{wanted === "" ? "No escalation policy yet" : "Nothing has that name"}</h2><p>{wanted === "" ? "An escalation policy says who is called first, and who next." : ""}</p></div>}
      {board.value?.more && <p class="quiet">There are more than fit here; search by name through the API.</p>}
    </>
  );
}
