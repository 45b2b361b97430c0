// Why: the screen must never look current when it is not. One event stream per tab says what changed; silence longer than the
// server's heartbeat means the view is stale, and the header says since when. While the stream is away, views ask again by time.
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { ApiError, address, serverNow } from "./api/client";

const HEARTBEAT_PATIENCE_MS = 40_000; // the server speaks at least every 15 s
const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 15_000;
const POLL_WHILE_AWAY_MS = 10_000;
const POLL_WHILE_HIDDEN_MS = 30_000; // browsers allow six connections to a server: tabs nobody looks at leave theirs to others
const GATHER_MS = 120; // changes that come together are one reload
const RELOAD_APART_MS = 1_000; // and in a storm nobody reads faster than this

/** What the stream says: something changed, never what. */
export interface Change {
  kind: "incident" | "message" | "configuration" | "reload" | string;
  incident: string | null;
}
type Reader = (changes: readonly Change[]) => void;
const EVERYTHING: Change = { kind: "reload", incident: null };

export interface LiveState {
  state: "connecting" | "live" | "reconnecting";
  /** Server time of the last sign of life. */
  heardAt: number | undefined;
}

let status: LiveState = { state: "connecting", heardAt: undefined };
let source: EventSource | undefined;
let silence: ReturnType<typeof setTimeout> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let retryMs = RETRY_FIRST_MS;
let gather: ReturnType<typeof setTimeout> | undefined;
let poll: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>(); // of the connection
const readers = new Set<Reader>(); // of the data
let gathered: Change[] = [];
let reloadedAt = 0; // this device's clock

function tell(state: LiveState["state"], heard: boolean): void {
  status = { state, heardAt: heard ? serverNow() : status.heardAt };
  watchers.forEach((watcher) => watcher());
}

function changed(change: Change = EVERYTHING): void {
  gathered.push(change);
  const wait = Math.max(GATHER_MS, reloadedAt + RELOAD_APART_MS - Date.now());
  gather ??= setTimeout(() => {
    const changes = gathered;
    gather = undefined;
    gathered = [];
    reloadedAt = Date.now();
    readers.forEach((reader) => reader(changes));
  }, wait);
}

/** A change that cannot be read counts as any change. */
export function readChange(data: string): Change {
  try {
    const { kind, incident } = JSON.parse(data) as { kind?: unknown; incident?: unknown };
    if (typeof kind === "string") return { kind, incident: typeof incident === "string" ? incident : null };
  } catch {
    // falls through
  }
  return EVERYTHING;
}

function heard(): void {
  clearTimeout(silence);
  silence = setTimeout(lost, HEARTBEAT_PATIENCE_MS);
  tell("live", true);
}

function lost(): void {
  source?.close();
  source = undefined;
  clearTimeout(silence);
  tell("reconnecting", false);
  clearTimeout(retry);
  retry = setTimeout(connect, retryMs);
  retryMs = Math.min(retryMs * 2, RETRY_LONGEST_MS);
  poll ??= setInterval(() => changed(), POLL_WHILE_AWAY_MS);
}

function connect(): void {
  clearTimeout(retry);
  source?.close();
  const stream = new EventSource(address("muster/stream"));
  source = stream;
  silence = setTimeout(lost, HEARTBEAT_PATIENCE_MS);
  stream.onopen = () => {
    retryMs = RETRY_FIRST_MS;
    clearInterval(poll);
    poll = undefined;
    heard();
    changed(); // what happened while away
  };
  stream.onerror = () => {
    if (source === stream) lost();
  };
  stream.addEventListener("change", (event: MessageEvent<string>) => {
    heard();
    changed(readChange(event.data));
  });
  for (const kind of ["beat", "hello"]) stream.addEventListener(kind, heard);
}

/** Opens the stream for as long as somebody is signed in. Returns how to close it. */
export function startLive(): () => void {
  status = { state: "connecting", heardAt: undefined };
  connect();
  // A phone put into a pocket and taken out again: its timers and sockets may have slept, so it starts afresh.
  const turned = (): void => {
    clearInterval(poll);
    poll = undefined;
    if (document.visibilityState === "visible") {
      tell("connecting", false);
      connect();
      return;
    }
    for (const timer of [silence, retry]) clearTimeout(timer);
    source?.close();
    source = undefined;
    tell("connecting", false);
    poll = setInterval(() => changed(), POLL_WHILE_HIDDEN_MS);
  };
  document.addEventListener("visibilitychange", turned);
  const online = (): void => {
    if (document.visibilityState === "visible") connect();
  };
  addEventListener("online", online);
  addEventListener("offline", lost);
  return () => {
    document.removeEventListener("visibilitychange", turned);
    removeEventListener("online", online);
    removeEventListener("offline", lost);
    for (const timer of [silence, retry, gather]) clearTimeout(timer);
    gathered = [];
    clearInterval(poll);
    gather = poll = undefined;
    source?.close();
    source = undefined;
  };
}

/** Asks every view to look again, e.g. after an action. */
export function refreshAll(): void {
  reloadedAt = 0; // somebody waits for it
  clearTimeout(gather);
  gather = undefined;
  changed();
}

export function useLive(): LiveState {
  const [, update] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const watcher = (): void => update(0);
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }, []);
  return status;
}

/** One timer for each rhythm, however many clocks are on the screen. */
const tickers = new Map<number, { timer: ReturnType<typeof setInterval>; listeners: Set<() => void> }>();
function onTick(everyMs: number, listener: () => void): () => void {
  let ticker = tickers.get(everyMs);
  if (!ticker) {
    const listeners = new Set<() => void>();
    ticker = { listeners, timer: setInterval(() => listeners.forEach((one) => one()), everyMs) };
    tickers.set(everyMs, ticker);
  }
  const { listeners, timer } = ticker;
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    tickers.delete(everyMs);
  };
}

/** The server's time, re-rendering every `everyMs`. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => onTick(everyMs, () => setNow(serverNow())), [everyMs]);
  return now;
}

export interface Resource<T> {
  value: T | undefined;
  /** Why there is no (newer) value. A server out of reach is told once, by the header, where there is an older value to show. */
  error: ApiError | undefined;
  unreachable: boolean;
  /** Server time at which `value` was true. */
  at: number | undefined;
  reload: () => Promise<void>;
}

/** Whether a change can have touched this incident. Messages are not told by incident. */
export const about = (incident: string) => (change: Change): boolean => change.incident === null || change.incident === incident;
/** Changes of what is set up: people, policies, schedules. */
export const setUp = (change: Change): boolean => change.kind === "configuration";

/** Loads, and loads again whenever something changed that `concerns` it. A failed reload keeps the old value AND shows the error. `key`
 * names what is loaded; another key starts afresh. `everyMs`: for what changes by itself as time passes. */
export function useResource<T>(key: string, load: (signal: AbortSignal) => Promise<T>, concerns?: (change: Change) => boolean, everyMs?: number): Resource<T> {
  const [held, setHeld] = useState<{ key: string; value?: T; error?: ApiError; at?: number }>({ key });
  const latest = useRef(load);
  latest.current = load;
  const running = useRef<{ again: boolean } | undefined>(undefined);
  const aborter = useRef<AbortController | undefined>(undefined);

  const reload = async (): Promise<void> => {
    if (running.current) {
      running.current.again = true; // what is under way may already be old
      return;
    }
    const turn = { again: false };
    running.current = turn;
    do {
      turn.again = false;
      const stop = new AbortController();
      aborter.current = stop;
      try {
        const value = await latest.current(stop.signal);
        if (stop.signal.aborted) return;
        setHeld({ key, value, at: serverNow() });
      } catch (error) {
        if (stop.signal.aborted) return;
        const shown = error instanceof ApiError ? error : new ApiError(0, String(error));
        setHeld((old) => (old.key === key ? { ...old, error: shown } : { key, error: shown }));
      }
    } while (turn.again);
    if (running.current === turn) running.current = undefined;
  };

  useEffect(() => {
    running.current = undefined;
    void reload();
    const reader: Reader = (changes) => {
      if (!concerns || changes.some((change) => change.kind === "reload" || concerns(change))) void reload();
    };
    readers.add(reader);
    const stopTicks = everyMs === undefined ? undefined : onTick(everyMs, () => void reload());
    return () => {
      stopTicks?.();
      readers.delete(reader);
      aborter.current?.abort();
      running.current = undefined;
    };
  }, [key]);

  const mine = held.key === key ? held : { key };
  const unreachable = mine.error?.status === 0;
  return { value: mine.value, error: unreachable && mine.value !== undefined ? undefined : mine.error, unreachable, at: mine.at, reload };
}
