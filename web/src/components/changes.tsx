// Why: "What changed?" is the first question of most responses: deployments and the like, as they were reported.
import type { JSX } from "preact";
import type { ChangeEvent, ChangeEvents } from "../api/types";
import { beside } from "../time";
import { Named } from "./record";
import { Details, Links } from "./sent";
import { ErrorNote, Moment } from "./ui";

function Change({ change, openedAt, serviceId }: { change: ChangeEvent; openedAt: string | undefined; serviceId: string }): JSX.Element {
  return (
    <details class="alert change">
      <summary>
        <span class="alert-title">{change.summary}</span>
        <span class="quiet alert-facts">{openedAt && <><b>{beside(change.timestamp, openedAt)}</b> · </>}<Moment at={change.timestamp} />{change.source && <> · {change.source}</>}</span>
      </summary>
      {change.services.filter((one) => one.id !== serviceId).map((one) => <p key={one.id}>In <Named of={one} />, which this service rests on.</p>)}
      <Links contexts={[...change.links.map((one) => ({ type: "link", ...one })), ...change.images.map((one) => ({ type: "image", src: one.href ?? one.src ?? null, text: one.alt ?? null }))]} />
      <Details value={change.custom_details} />
    </details>
  );
}

/** `openedAt`: of the incident that they are shown beside. Where nothing was reported, nothing is said, unless `none` does. */
export function Changes({ title, page, error, openedAt, serviceId, none }: { title: string; page: ChangeEvents | undefined; error: unknown; openedAt?: string; serviceId: string; none?: string }): JSX.Element | null {
  const changes = page?.change_events ?? [];
  if (changes.length === 0 && !error && !none) return null;
  return (
    <section class="panel panel-changes" aria-label={title}>
      <h2>{title}</h2>
      <ErrorNote error={error} />
      {page && changes.length === 0 && <p class="quiet">{none}</p>}
      {changes.map((change) => <Change key={change.id} change={change} openedAt={openedAt} serviceId={serviceId} />)}
      {page?.more && <p class="quiet">These are the newest {changes.length}; there are more.</p>}
    </section>
  );
}
