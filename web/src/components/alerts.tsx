// Why: what the machines said, as they said it: text only, however it looks.
import type { JSX } from "preact";
import type { Alert, Context } from "../api/types";
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

/** Only addresses that a browser opens as a page; a sender may write anything. */
export function safeLink(href: string | null | undefined): string | undefined {
  try {
    const url = new URL(href ?? "");
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function Links({ contexts }: { contexts: Context[] }): JSX.Element | null {
  const links = contexts.flatMap((one) => {
    const href = safeLink(one.href ?? one.src);
    return href ? [{ href, text: one.text || (one.type === "image" ? `image: ${href}` : href) }] : [];
  });
  if (links.length === 0) return null;
  return <ul class="links">{links.map((link) => <li key={link.href}><a href={link.href} target="_blank" rel="noopener noreferrer">{link.text}</a></li>)}</ul>;
}

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
