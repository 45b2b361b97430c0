// Why: the door. Whoever is on call finds it with one thumb; what went wrong is said in words.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError, post, sentence } from "../api/client";
import type { Session } from "../api/types";
import { Logo } from "../components/icons";

export function SignIn({ onSignedIn, expired }: { onSignedIn: (session: Session) => void; expired: boolean }): JSX.Element {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string>();

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (pending) return;
    setPending(true);
    setError(undefined);
    try {
      onSignedIn((await post<{ session: Session }>("muster/session", { email, password })).session);
    } catch (failed) {
      setError(failed instanceof ApiError && failed.status === 401 ? "E-mail address and password do not match." : sentence(failed));
      setPending(false);
    }
  };

  return (
    <main class="sign-in">
      <div class="sign-in-head"><Logo size={44} /><h1>Muster</h1></div>
      <form onSubmit={(event) => void submit(event)}>
        {expired && !error && <p class="note">Your session has ended. Sign in again; nothing is lost.</p>}
        {error && <p class="note note-error" role="alert">{error}</p>}
        <label>
          E-mail
          <input type="email" name="email" autoComplete="username" autoFocus required inputMode="email" value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
        </label>
        <label>
          Password
          <input type="password" name="password" autoComplete="current-password" required value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
        </label>
        <button type="submit" class="button button-primary button-wide" disabled={pending} aria-busy={pending}>{pending ? "Signing in…" : "Sign in"}</button>
      </form>
      <p class="quiet">No account or password lost? An administrator sets one with <code>muster user password</code>.</p>
    </main>
  );
}
