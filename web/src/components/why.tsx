// Why: "why me?" and "why not her?" have an answer that was stored when the decision was made, not one made up afterwards.
import type { JSX } from "preact";
import type { Call, Candidate, Decision } from "../api/types";
import { ErrorNote, Loading, Moment } from "./ui";

const CHANNELS: Record<string, string> = { sms: "SMS", phone: "call", email: "mail", push: "push", webhook: "webhook" };
const FAILED = new Set(["permanent", "failed"]);

/** "call 03:12:05 delivered" */
function CallTag({ call }: { call: Call }): JSX.Element {
  return (
    <li class={FAILED.has(call.state) ? "tag tag-high" : "tag"} title={call.error ?? undefined}>
      {CHANNELS[call.channel] ?? call.channel} <Moment at={call.at} /> {call.answer ? `answered ${call.answer}` : FAILED.has(call.state) ? `failed${call.error ? `: ${call.error}` : ""}` : call.state}
    </li>
  );
}

function Line({ candidate, me }: { candidate: Candidate; me: boolean }): JSX.Element {
  return (
    <li class={candidate.chosen ? "why-chosen" : "why-passed"}>
      <span class="why-mark" aria-hidden="true">{candidate.chosen ? "✓" : "–"}</span>
      <span><span class="sr">{candidate.chosen ? "Called: " : "Not called: "}</span>{candidate.text}{me && <span class="tag tag-mine">you</span>}
        {candidate.page && candidate.page.calls.length > 0 && <ul class="calls-made" aria-label="How">{candidate.page.calls.map((call) => <CallTag key={call.id} call={call} />)}</ul>}
      </span>
    </li>
  );
}

function One({ decision, userId }: { decision: Decision; userId: string }): JSX.Element {
  const chosen = decision.candidates.filter((candidate) => candidate.chosen);
  const passed = decision.candidates.filter((candidate) => !candidate.chosen);
  return (
    <div class="decision">
      <h3><Moment at={decision.at} />{decision.level > 0 ? `, level ${decision.level}` : ""}</h3>
      {decision.text && <p>{decision.text}</p>}
      <ul class="why-list">
        {[...chosen, ...passed].map((candidate, index) => <Line key={index} candidate={candidate} me={candidate.user?.id === userId} />)}
      </ul>
    </div>
  );
}

/** What is in force: the last time the incident itself was given to people, and whom they have asked for help since. */
export function split(decisions: readonly Decision[]): [Decision[], Decision[]] {
  const asked = (decision: Decision): boolean => decision.cause === "responder";
  const last = decisions.reduce((found, decision, index) => (asked(decision) ? found : index), 0);
  return [decisions.slice(last), decisions.slice(0, last)];
}

export function Why({ decisions, error, userId }: { decisions: Decision[] | undefined; error: unknown; userId: string }): JSX.Element {
  const [current, older] = split(decisions ?? []);
  return (
    <section class="panel panel-why" aria-label="Why">
      <h2>Why these people?</h2>
      <ErrorNote error={error} />
      {!decisions && !error && <Loading what="the reasons" />}
      {decisions?.length === 0 && <p class="quiet">Nobody was chosen yet.</p>}
      {current.map((decision) => <One key={decision.at + decision.cause} decision={decision} userId={userId} />)}
      {older.length > 0 && (
        <details>
          <summary>{older.length} earlier {older.length === 1 ? "decision" : "decisions"}</summary>
          {older.slice().reverse().map((decision, index) => <One key={index} decision={decision} userId={userId} />)}
        </details>
      )}
    </section>
  );
}
