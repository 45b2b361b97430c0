// Why: what a machine gave along, text only, however it looks: details and links.
import type { JSX } from "preact";
import type { Context } from "../api/types";

/** The sender's details: one line per key where that reads well, else JSON. */
export function Details({ value }: { value: unknown }): JSX.Element | null {
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

export function Links({ contexts }: { contexts: Context[] }): JSX.Element | null {
  const links = contexts.flatMap((one) => {
    const href = safeLink(one.href ?? one.src);
    return href ? [{ href, text: one.text || (one.type === "image" ? `image: ${href}` : href) }] : [];
  });
  if (links.length === 0) return null;
  return <ul class="links">{links.map((link) => <li key={link.href}><a href={link.href} target="_blank" rel="noopener noreferrer">{link.text}</a></li>)}</ul>;
}
