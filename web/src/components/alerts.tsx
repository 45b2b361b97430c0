// Why: what the machines said, as they said it: text only, however it looks.
import type { JSX } from "preact";
import type { Alert } from "../api/types";
import { ErrorNote, Loading, Moment } from "./ui";

/** The sender's details: one line per key where that reads well, else JSON. */
function Details({ value }: { value: unknown }): JSX.Element | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "object" && !Array.isArray(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) return null;
    return (
      <dl class="details">
        {entries.map(([key, one]) => (
          <div key={key}><dt>{key}</dt><dd>{typeof one === "string" ? one : JSON.stringify(one)}</dd></div>
        ))}
      </dl>
    );
  }
  return <pre tabIndex={0}>{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>;
}

function detailsOf(alert: Alert): unknown {
  return alert.body?.cef_details?.details ?? alert.body?.details;
}

export function Alerts({ alerts, error }: { alerts: Alert[] | undefined; error: unknown }): JSX.Element | null {
  if (alerts?.length === 0) return null;
  return (
    <section class="panel panel-alerts" aria-label="Alerts">
      <h2>{alerts && alerts.length > 1 ? `${alerts.length} alerts` : "Alert"}</h2>
      <ErrorNote error={error} />
      {!alerts && !error && <Loading what="alerts" />}
      {alerts?.map((alert, index) => (
        <details key={alert.id} class="alert" open={index === 0}>
          <summary>
            <span class={`status status-${alert.status}`}>{alert.status}</span>
            <span class="alert-title">{alert.summary}</span>
            <span class="quiet alert-facts">{alert.severity}{alert.suppressed ? ", suppressed" : ""} · <Moment at={alert.created_at} /></span>
          </summary>
          {alert.alert_key && <p class="quiet">Key <code>{alert.alert_key}</code></p>}
          <Details value={detailsOf(alert)} />
        </details>
      ))}
    </section>
  );
}
