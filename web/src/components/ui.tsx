// Why: the few building blocks that every page shares, so that a button, a dialog or an error behaves the same everywhere.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { sentence } from "../api/client";
import { refreshAll, useNow } from "../live";
import { age, city, clock, exact, hourMinute, isNight, moment, shortMoment } from "../time";

export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }): JSX.Element | null {
  if (error === undefined || error === null) return null;
  return (
    <div class="note note-error" role="alert">
      <span>{sentence(error)}</span>
      {retry && <button type="button" class="button button-small" onClick={retry}>Try again</button>}
    </div>
  );
}

/** Time since `at`, ticking. */
export function Age({ at }: { at: string }): JSX.Element {
  const now = useNow();
  return <time dateTime={at} title={exact(at)}>{age(now - Date.parse(at))}</time>;
}

export function Moment({ at, precise = true }: { at: string; precise?: boolean }): JSX.Element {
  const now = useNow(30_000);
  return <time dateTime={at} title={exact(at)}>{precise ? moment(at, now) : shortMoment(at, now)}</time>;
}

/** "03:12 in Berlin", with a moon when it is night there. */
export function LocalTime({ zone }: { zone: string | undefined }): JSX.Element | null {
  const now = useNow(10_000);
  if (!zone) return null;
  const night = isNight(now, zone);
  return (
    <span class="local-time" title={zone}>
      {hourMinute(now, zone)} in {city(zone)}{night && <span class="night" title="night there"> <span aria-hidden="true">☾</span><span class="sr">night there</span></span>}
    </span>
  );
}

export interface Action {
  pending: string | undefined;
  error: unknown;
  /** Runs one thing at a time. Resolves to whether it worked; then every view is asked to look again. */
  run: (name: string, work: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
}

export function useAction(): Action {
  const [pending, setPending] = useState<string>();
  const [error, setError] = useState<unknown>();
  const busy = useRef(false);
  return {
    pending,
    error,
    clear: () => setError(undefined),
    run: async (name, work) => {
      if (busy.current) return false;
      busy.current = true;
      setPending(name);
      setError(undefined);
      try {
        await work();
        refreshAll();
        return true;
      } catch (failed) {
        setError(failed);
        refreshAll(); // it may have happened: show what is true
        return false;
      } finally {
        busy.current = false;
        setPending(undefined);
      }
    },
  };
}

/** Says what was done, for a few seconds, where the thumb is not. */
let showToast: (text: string) => void = () => undefined;
export function toast(text: string): void {
  showToast(text);
}
export function Toasts({ page }: { page: string }): JSX.Element {
  const [text, setText] = useState<string>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    showToast = (next) => {
      clearTimeout(timer);
      setText(next);
      timer = setTimeout(() => setText(undefined), 5000);
    };
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => setText(undefined), [page]); // it speaks of the page it was said on
  return <div class="toasts" role="status" aria-live="polite">{text && <div class="toast">{text}</div>}</div>;
}

/** A question before something happens: a sheet from below on a phone, a box on a desk. Escape and the backdrop cancel. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    if (!element?.querySelector("textarea")) element?.focus(); // a search field would bring up a phone's keyboard unasked
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      tabIndex={-1}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-body">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

export function DialogButtons({ confirm, tone = "primary", action, name, disabled = false, onConfirm, onClose }: {
  confirm: string;
  tone?: "primary" | "danger" | "good";
  action: Action;
  name: string;
  disabled?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}): JSX.Element {
  const waiting = action.pending === name;
  return (
    <>
      <ErrorNote error={action.error} />
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onClose}>Cancel</button>
        <button type="button" class={`button button-${tone}`} disabled={disabled || waiting} aria-busy={waiting} onClick={onConfirm}>
          {waiting ? "Sending…" : confirm}
        </button>
      </div>
    </>
  );
}

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }): JSX.Element {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setState("done");
    } catch {
      setState("failed"); // no clipboard on plain http: the text can still be selected
    }
    setTimeout(() => setState("idle"), 2500);
  };
  return <button type="button" class="button button-small" onClick={() => void copy()}>{state === "done" ? "Copied" : state === "failed" ? "Select and copy by hand" : label}</button>;
}

export function Loading({ what }: { what: string }): JSX.Element {
  return <p class="quiet loading" role="status">Loading {what}…</p>;
}

export function Stamp({ at }: { at: number | undefined }): JSX.Element | null {
  return at === undefined ? null : <span class="quiet">as of {clock(at)}</span>;
}
