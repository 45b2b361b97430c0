// Why: the door. Whoever is on call finds it with one thumb; what went wrong is said in words.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError, post, sentence } from "../api/client";
import type { Session } from "../api/types";
import { Logo } from "../components/icons";

/** The API's number for "the password is right, the code of the second factor is missing". */
const CODE_NEEDED = 9001;

export function SignIn({ onSignedIn, expired }: { onSignedIn: (session: Session) => void; expired: boolean }): JSX.Element {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asked, setAsked] = useState<"nothing" | "code" | "recovery">("nothing");
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string>();

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (pending) return;
    setPending(true);
    setError(undefined);
    try {
      onSignedIn((await post<{ session: Session }>("muster/session", { email, password, ...(asked === "nothing" ? {} : { code }) })).session);
    } catch (failed) {
      const refused = failed instanceof ApiError && failed.status === 401;
      if (refused && failed.code === CODE_NEEDED) setAsked("code");
      else if (refused && asked !== "nothing") setError("This code is wrong, or was used before. Wait for the next one.");
      else setError(refused ? "E-mail address and password do not match." : sentence(failed));
      setPending(false);
    }
  };

  if (asked !== "nothing")
    return (
      <main class="sign-in">
        <div class="sign-in-head"><Logo size={44} /><h1>Muster</h1></div>
        <form onSubmit={(event) => void submit(event)}>
          {error && <p class="note note-error" role="alert">{error}</p>}
          {asked === "code"
            ? <label key="code">Code of your app<input name="code" inputMode="numeric" autoComplete="one-time-code" autoFocus required value={code} onInput={(event) => setCode(event.currentTarget.value)} /></label>
            : <label key="recovery">Recovery code<input name="recovery" autoComplete="off" autoCapitalize="none" spellcheck={false} autoFocus required value={code} onInput={(event) => setCode(event.currentTarget.value)} /></label>}
          <button type="submit" class="button button-primary button-wide" disabled={pending} aria-busy={pending}>{pending ? "Signing in…" : "Sign in"}</button>
        </form>
        <p>
          <button type="button" class="link" onClick={() => { setCode(""); setError(undefined); setAsked(asked === "code" ? "recovery" : "code"); }}>
            {asked === "code" ? "Phone lost? Use a recovery code" : "Use the code of the app"}
          </button>
        </p>
      </main>
    );

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
