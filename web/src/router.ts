// Why: a handful of pages need no router library. Addresses below /app/ are pages; Back, bookmarks and new tabs work.
import { useEffect, useState } from "preact/hooks";
import { root } from "./api/client";

const home = `${root.pathname}app/`;

/** Pages of one thing each; the folder is that of the API, and where `html_url` leads. */
const RECORDS = { incidents: "incident", services: "service", escalation_policies: "policy", schedules: "schedule", users: "person", teams: "team" } as const;
export type RecordPage = (typeof RECORDS)[keyof typeof RECORDS];

export type Route =
  | { page: "incidents" }
  | { page: RecordPage; id: string }
  | { page: "oncall" }
  | { page: "practice"; user: string | undefined }
  | { page: "account" }
  | { page: "custom_fields" }
  | { page: "unknown" };

export function parse(path: string): Route {
  const [page = "", id = "", ...rest] = path.split("/").map(decodeURIComponent);
  if (rest.length > 0) return { page: "unknown" };
  if ((page === "" || page === "incidents" || page === "sign-in") && id === "") return { page: "incidents" };
  if (page in RECORDS && id !== "") return { page: RECORDS[page as keyof typeof RECORDS], id };
  if (page === "oncall" && id === "") return { page: "oncall" };
  if (page === "account" && id === "") return { page: "account" };
  if (page === "custom_fields" && id === "") return { page: "custom_fields" };
  if (page === "practice") return { page: "practice", user: id === "" ? undefined : id };
  return { page: "unknown" };
}

/** The address of a page, below any prefix of a proxy. */
export function to(path: string): string {
  return home + path;
}

const listeners = new Set<() => void>();

export function navigate(path: string, replace = false): void {
  const target = to(path);
  if (replace) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  listeners.forEach((listener) => listener());
  if (!replace) scrollTo(0, 0);
}

/** Clicks on links of ours stay inside the page; everything else is the browser's. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest("a");
  if (!link || link.target || link.origin !== location.origin || !link.pathname.startsWith(home) || link.hash) return;
  event.preventDefault();
  navigate(link.pathname.slice(home.length) + link.search);
}

function here(): Route {
  return parse(location.pathname.startsWith(home) ? location.pathname.slice(home.length).replace(/\/$/, "") : "");
}

export function useRoute(): Route {
  const [route, setRoute] = useState<Route>(here);
  useEffect(() => {
    const update = (): void => setRoute(here());
    listeners.add(update);
    addEventListener("popstate", update);
    return () => {
      listeners.delete(update);
      removeEventListener("popstate", update);
    };
  }, []);
  return route;
}
