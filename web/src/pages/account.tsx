// Why: a stolen password alone must not open the app. Sets up the app that shows codes, shows what is to be kept, and takes it away again.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { encode } from "uqr";
import { post, put, remove } from "../api/client";
import type { Session } from "../api/types";
import { Icon, Logo } from "../components/icons";
import { ErrorNote, toast, useAction } from "../components/ui";

interface Offer { secret: string; uri: string }

const SECOND_FACTOR = "muster/session/second_factor";

/** Dark on light in every colour scheme: that is what cameras read. */
function QrCode({ text }: { text: string }): JSX.Element {
  const { size, path } = useMemo(() => {
    const code = encode(text, { ecc: "M", border: 4 });
    const dark = code.data.flatMap((row, y) => row.flatMap((is, x) => (is ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size: code.size, path: dark.join("") };
  }, [text]);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR code of the secret" shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function Password({ value, onInput }: { value: string; onInput: (value: string) => void }): JSX.Element {
  return (
    <label>
      Your password, once more
      <input type="password" autoComplete="current-password" value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }): JSX.Element {
  return (
    <div class="steps">
      <p class="note note-good" role="status">The app is set up. From now on signing in asks for its code.</p>
      <p>Keep these ten codes where your phone is not. Each signs you in once, when the phone is lost. They are shown only now.</p>
      <ul class="recovery-codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
      <button type="button" class="button button-wide" onClick={() => void navigator.clipboard?.writeText(codes.join("\n")).then(() => toast("Copied"))}>Copy them</button>
      <button type="button" class="button button-primary button-wide" onClick={onDone}>I have kept them</button>
    </div>
  );
}

/** Password, picture, code, recovery codes: one after the other. */
function SetUp({ again, onDone }: { again: boolean; onDone: () => void }): JSX.Element {
  const [password, setPassword] = useState("");
  const [offer, setOffer] = useState<Offer>();
  const [code, setCode] = useState("");
  const [recovery, setRecovery] = useState<string[]>();
  const { pending, error, run } = useAction();

  const begin = (event: Event): void => {
    event.preventDefault();
    void run("begin", async () => setOffer((await post<{ second_factor: Offer }>(SECOND_FACTOR, { current_password: password })).second_factor));
  };
  const confirm = (event: Event): void => {
    event.preventDefault();
    void run("confirm", async () => setRecovery((await put<{ recovery_codes: string[] }>(SECOND_FACTOR, { code })).recovery_codes));
  };

  if (recovery) return <RecoveryCodes codes={recovery} onDone={onDone} />;
  if (!offer)
    return (
      <form class="steps" onSubmit={begin}>
        <p>{again ? "A new phone? Set it up here; the old one works until the new one is proven." : "An app on your phone shows a code that changes every 30 seconds. With it, a stolen password alone opens nothing."}</p>
        <ErrorNote error={error} />
        <Password value={password} onInput={setPassword} />
        <button type="submit" class="button button-primary button-wide" disabled={pending !== undefined} aria-busy={pending !== undefined}>{again ? "Set up another app" : "Set it up"}</button>
      </form>
    );
  return (
    <form class="steps" onSubmit={confirm}>
      <p>Scan this with an authenticator app, or <a href={offer.uri}>open it</a> on this device.</p>
      <QrCode text={offer.uri} />
      <p class="quiet">Or type the secret: <code class="secret">{offer.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code></p>
      <ErrorNote error={error} />
      <label>
        The code it shows
        <input name="code" inputMode="numeric" autoComplete="one-time-code" autoFocus required value={code} onInput={(event) => setCode(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button button-primary button-wide" disabled={pending !== undefined} aria-busy={pending !== undefined}>Confirm</button>
    </form>
  );
}

function TakeAway({ onDone }: { onDone: () => void }): JSX.Element {
  const [password, setPassword] = useState("");
  const { pending, error, run } = useAction();
  const take = (event: Event): void => {
    event.preventDefault();
    void run("take away", () => remove(SECOND_FACTOR, { current_password: password })).then((worked) => {
      if (!worked) return;
      toast("The second factor is off");
      onDone();
    });
  };
  return (
    <details>
      <summary>Sign in without it again</summary>
      <form class="steps" onSubmit={take}>
        <ErrorNote error={error} />
        <Password value={password} onInput={setPassword} />
        <button type="submit" class="button button-danger button-wide" disabled={pending !== undefined}>Take it away</button>
      </form>
    </details>
  );
}

export function AccountPage({ session, onChanged }: { session: Session; onChanged: () => void }): JSX.Element {
  const { enrolled, required, recovery_codes_left: left } = session.second_factor;
  return (
    <div class="narrow">
      <h1>Second factor</h1>
      <section class="panel">
        {enrolled && (
          <p class={left < 3 ? "note note-warning" : "note note-good"}>
            <Icon name="lock" /> Signing in asks for a code. {left} recovery {left === 1 ? "code is" : "codes are"} left{left < 3 ? "; set it up again to get new ones" : ""}.
          </p>
        )}
        <SetUp again={enrolled} onDone={onChanged} />
        {enrolled && !required && <TakeAway onDone={onChanged} />}
      </section>
    </div>
  );
}

/** The account demands it: nothing else is open before. */
export function SetUpFirst({ session, onDone, onSignOut }: { session: Session; onDone: () => void; onSignOut: () => void }): JSX.Element {
  return (
    <main class="sign-in">
      <div class="sign-in-head"><Logo size={44} /><h1>Muster</h1></div>
      <section class="panel">
        <h2>Set up a second factor</h2>
        <p>{session.name}, this installation asks everybody for one.</p>
        <SetUp again={false} onDone={onDone} />
      </section>
      <p><button type="button" class="button button-wide" onClick={onSignOut}>Sign out</button></p>
    </main>
  );
}
