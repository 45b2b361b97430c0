// Why: the door. Whoever is on call finds it with one thumb; what went wrong is said in words.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError, address, get, post, sentence } from "../api/client";
import type { Session } from "../api/types";
import { Logo } from "../components/icons";

/** The API's number for "the password is right, the code of the second factor is missing". */
const CODE_NEEDED = 9001;

interface Provider { name: string; title: string }

/** Why a sign-in at a provider ended outside (src/api/oidc.c). */
const REFUSALS: Readonly<Record<string, string>> = {
  provider: "The provider did not answer, or refused. Try again, or use your password.",
  cancelled: "You cancelled it.",
  unknown: "Nobody here has this account. Ask an administrator to add you.",
  unverified: "Your provider has not verified your e-mail address, so we cannot tell who you are.",
  other: "The person with this e-mail address signs in with another account. Ask an administrator to unlink it.",
  "begun-elsewhere": "This sign-in was not begun in this browser, or it took too long. Try again.",
  "no-sign-out": "Your provider offers no sign-out. Close the browser.",
};

function refusal(): string | undefined {
  const reason = new URLSearchParams(location.search).get("refused");
  return reason === null ? undefined : (REFUSALS[reason] ?? "Signing in did not work. Try again.");
}

function Providers({ leaving }: { leaving: boolean }): JSX.Element | null {
  const [providers, setProviders] = useState<Provider[]>([]);
  useEffect(() => {
    // Without the list there is still the password.
    get<{ providers: Provider[] }>("muster/sign-in").then((found) => setProviders(found.providers), () => undefined);
  }, []);
  if (providers.length === 0) return null;
  return (
    <div class="providers">
      {providers.map(({ name, title }) => <a key={name} class="button button-wide" href={address(`muster/sign-in/${encodeURIComponent(name)}`)}>Sign in with {title}</a>)}
      {leaving && providers.map(({ name, title }) => <a key={name} class="quiet" href={address(`muster/sign-in/${encodeURIComponent(name)}/sign-out`)}>Sign out at {title} too</a>)}
    </div>
  );
}

export function SignIn({ onSignedIn, expired, left }: { onSignedIn: (session: Session) => void; expired: boolean; left: boolean }): JSX.Element {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asked, setAsked] = useState<"nothing" | "code" | "recovery">("nothing");
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | undefined>(refusal);

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
      <Providers leaving={left} />
      <p class="quiet">No account or password lost? An administrator sets one with <code>muster user password</code>.</p>
    </main>
  );
}
