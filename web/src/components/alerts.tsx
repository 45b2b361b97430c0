// Why: what the machines said, as they said it: text only, however it looks.
import type { JSX } from "preact";
import type { Alert } from "../api/types";
import { Details, Links } from "./sent";
import { ErrorNote, Loading, Moment } from "./ui";

function detailsOf(alert: Alert): unknown {
  return alert.body?.cef_details?.details ?? alert.body?.details;
}

function source(alert: Alert): string | undefined {
  return alert.body?.cef_details?.source_origin || undefined;
}

/** A single alert that reads as the incident is not told twice. */
export function Alerts({ alerts, title, error }: { alerts: Alert[] | undefined; title: string; error: unknown }): JSX.Element | null {
  if (alerts?.length === 0) return null;
  const told = (alert: Alert): boolean => alerts?.length === 1 && alert.summary === title;
  return (
    <section class="panel panel-alerts" aria-label="Alerts">
      <h2>{alerts && alerts.length > 1 ? `${alerts.length} alerts` : "Alert"}</h2>
      <ErrorNote error={error} />
      {!alerts && !error && <Loading what="alerts" />}
      {alerts?.map((alert, index) => (
        <details key={alert.id} class="alert" open={index === 0}>
          <summary>
            <span class={`status status-${alert.status}`}>{alert.status}</span>
            {!told(alert) && <span class="alert-title">{alert.summary}</span>}
            <span class={told(alert) ? "quiet alert-facts-only" : "quiet alert-facts"}>{alert.severity}{alert.suppressed ? ", suppressed" : ""} · <Moment at={alert.created_at} /></span>
          </summary>
          <Links contexts={alert.body?.contexts ?? []} />
          <p class="quiet">{source(alert) && <>From <code>{source(alert)}</code> </>}{alert.alert_key && <>Key <code>{alert.alert_key}</code></>}</p>
          <Details value={detailsOf(alert)} />
        </details>
      ))}
    </section>
  );
}
