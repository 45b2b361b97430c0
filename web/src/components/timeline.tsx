// Why: what happened, newest first, each line with its time: the ledger as a person reads it.
import type { JSX } from "preact";
import type { TimelineEntry } from "../api/types";
import { ErrorNote, Loading, Moment } from "./ui";

const LOUD = new Set(["exhaust_escalation", "skip", "alarm", "notify_failed", "provider_down"]);

export function Timeline({ entries, error }: { entries: TimelineEntry[] | undefined; error: unknown }): JSX.Element {
  return (
    <section class="panel panel-timeline" aria-label="Timeline">
      <h2>Timeline</h2>
      <ErrorNote error={error} />
      {!entries && !error && <Loading what="the timeline" />}
      <ol class="timeline">
        {entries?.slice().reverse().map((entry) => (
          <li key={entry.id} class={`entry entry-${entry.kind}${LOUD.has(entry.kind) ? " entry-loud" : ""}`}>
            <span class="entry-time"><Moment at={entry.at} /></span>
            <span class="entry-text">{entry.text}{entry.note && <q>{entry.note}</q>}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
