// Why: the one way to the server. Every answer is either the value or an ApiError with a sentence for a person; nothing is
// swallowed, so that every button ends in a request or in a visible error.

/** Where the API lives: two levels above this file (/app/assets/app-….js), whatever prefix a proxy put in front. */
export const root: URL = new URL(typeof document === "undefined" ? "http://localhost/" : "../../", import.meta.url);

export class ApiError extends Error {
  /** 0: the server could not be reached. */
  readonly status: number;
  readonly mistakes: string[];
  /** The API's number for what went wrong; 0: none was given. */
  readonly code: number;
  constructor(status: number, message: string, mistakes: string[] = [], code = 0) {
    super(message);
    this.status = status;
    this.mistakes = mistakes;
    this.code = code;
  }
}

const REQUEST_TIMEOUT_MS = 20_000;

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

export function address(path: string, query: Query = {}): string {
  const url = new URL(path.replace(/^\//, ""), root);
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) for (const one of value as readonly string[]) url.searchParams.append(`${name}[]`, one);
    else url.searchParams.set(name, String(value));
  }
  return url.toString();
}

let signedOut: () => void = () => undefined;
/** Called when the server no longer knows this session. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** Difference between the server's clock and this device's, learnt from answers that carry the time. */
let clockOffset = 0;
let standingAt: number | undefined;
/** `stands`: a test clock, which only moves when told to. */
export function learnServerTime(now: string, stands = false): void {
  const at = Date.parse(now);
  if (Number.isNaN(at)) return;
  clockOffset = at - Date.now();
  standingAt = stands ? at : undefined;
}
export function serverNow(): number {
  return standingAt ?? Date.now() + clockOffset;
}

interface ErrorBody {
  error?: { message?: unknown; errors?: unknown; code?: unknown };
  status?: unknown;
  message?: unknown;
  errors?: unknown;
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

export function errorFrom(status: number, body: unknown): ApiError {
  const { error, message, errors } = (body !== null && typeof body === "object" ? body : {}) as ErrorBody;
  const said = error?.message ?? message;
  const fallback = status === 403 ? "You may not do this." : status === 404 ? "This does not exist (any more)." : status >= 500 ? "The server could not do it now." : "The server refused.";
  return new ApiError(status, typeof said === "string" && said !== "" ? said : fallback, texts(error?.errors ?? errors), typeof error?.code === "number" ? error.code : 0);
}

/** Several mistakes read as one sentence. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  return error.mistakes.length > 0 ? `${error.message}: ${error.mistakes.join("; ")}` : error.message;
}

export async function request<T>(method: string, path: string, options: { query?: Query; body?: unknown; signal?: AbortSignal } = {}): Promise<T> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), REQUEST_TIMEOUT_MS);
  options.signal?.addEventListener("abort", () => timeout.abort());
  let response: Response;
  let text: string;
  try {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (options.body !== undefined) headers["Content-Type"] = "application/json";
    response = await fetch(address(path, options.query), {
      method,
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      credentials: "same-origin",
      cache: "no-store",
      signal: timeout.signal,
    });
    text = await response.text();
  } catch {
    if (options.signal?.aborted) throw new ApiError(0, "Cancelled");
    throw new ApiError(0, method === "GET" ? "The server cannot be reached." : "The server did not answer. It may or may not have been done: look before you repeat it.");
  } finally {
    clearTimeout(timer);
  }
  let body: unknown = undefined;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    if (response.ok) throw new ApiError(response.status, "The answer was not understood. Is this address a Muster server?");
  }
  if (!response.ok) {
    if (response.status === 401) signedOut();
    throw errorFrom(response.status, body);
  }
  return body as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => request<T>("GET", path, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) });
export const post = <T>(path: string, body?: unknown): Promise<T> => request<T>("POST", path, { body: body ?? {} });
export const put = <T>(path: string, body: unknown): Promise<T> => request<T>("PUT", path, { body });
export const remove = <T>(path: string, body?: unknown): Promise<T> => request<T>("DELETE", path, { body });
