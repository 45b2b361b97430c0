// Why: the frame around every page: who is signed in, how fresh the view is, what is alarming, and the way between pages.
import type { JSX } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError, get, onSignedOut, remove } from "./api/client";
import type { Session } from "./api/types";
import { Header } from "./components/header";
import { ErrorNote, Loading, Toasts } from "./components/ui";
import { startLive } from "./live";
import { AccountPage, SetUpFirst } from "./pages/account";
import { CustomFieldsPage } from "./pages/custom_fields";
import { IncidentPage } from "./pages/incident";
import { IncidentsPage } from "./pages/incidents";
import { OnCallPage } from "./pages/oncall";
import { PersonPage } from "./pages/person";
import { PolicyPage } from "./pages/policy";
import { PracticePage } from "./pages/practice";
import { SchedulePage } from "./pages/schedule";
import { ServicePage } from "./pages/service";
import { SignIn } from "./pages/sign_in";
import { TeamPage } from "./pages/team";
import { followLinks, to, useRoute } from "./router";
import { setReaderZone } from "./time";

type Door = { state: "knocking" } | { state: "unreachable"; error: unknown } | { state: "outside"; expired: boolean; left: boolean } | { state: "inside"; session: Session };

function Page({ session, onChanged }: { session: Session; onChanged: () => void }): JSX.Element {
  const route = useRoute();
  useEffect(() => document.getElementById("content")?.focus({ preventScroll: true }), [route.page]);
  switch (route.page) {
    case "incidents": return <IncidentsPage session={session} />;
    case "incident": return <IncidentPage key={route.id} id={route.id} session={session} />;
    case "service": return <ServicePage key={route.id} id={route.id} session={session} />;
    case "policy": return <PolicyPage key={route.id} id={route.id} session={session} />;
    case "schedule": return <SchedulePage key={route.id} id={route.id} />;
    case "person": return <PersonPage key={route.id} id={route.id} session={session} />;
    case "team": return <TeamPage key={route.id} id={route.id} session={session} />;
    case "oncall": return <OnCallPage session={session} />;
    case "practice": return <PracticePage userId={route.user} session={session} />;
    case "account": return <AccountPage session={session} onChanged={onChanged} />;
    case "custom_fields": return <CustomFieldsPage session={session} />;
    case "unknown": return (
      <div class="empty">
        <h1>There is no such page</h1>
        <p><a class="button button-primary" href={to("incidents")}>Go to the incidents</a></p>
      </div>
    );
  }
}

function Inside({ session, onSignOut, onChanged }: { session: Session; onSignOut: () => void; onChanged: () => void }): JSX.Element {
  const route = useRoute();
  useEffect(() => startLive(), [session.user.id]);
  return (
    <div onClick={followLinks}>
      <a class="skip" href="#content">Skip to the content</a>
      <Header session={session} onSignOut={onSignOut} />
      <main id="content" tabIndex={-1}><Page session={session} onChanged={onChanged} /></main>
      <Toasts page={route.page} />
    </div>
  );
}

export function App(): JSX.Element {
  const [door, setDoor] = useState<Door>({ state: "knocking" });

  const enter = useCallback((session: Session) => {
    setReaderZone(session.time_zone);
    setDoor({ state: "inside", session });
  }, []);

  const knock = useCallback(async () => {
    setDoor({ state: "knocking" });
    try {
      enter((await get<{ session: Session }>("muster/session")).session);
    } catch (error) {
      setDoor(error instanceof ApiError && (error.status === 401 || error.status === 403) ? { state: "outside", expired: false, left: false } : { state: "unreachable", error });
    }
  }, [enter]);

  /** The same session, with other facts. */
  const look = useCallback(async () => {
    try {
      enter((await get<{ session: Session }>("muster/session")).session);
    } catch (error) {
      setDoor({ state: "unreachable", error });
    }
  }, [enter]);

  useEffect(() => {
    onSignedOut(() => setDoor((door) => (door.state === "inside" ? { state: "outside", expired: true, left: false } : door)));
    void knock();
  }, [knock]);

  const signOut = useCallback(async () => {
    try {
      await remove("muster/session");
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) return setDoor({ state: "unreachable", error });
    }
    setDoor({ state: "outside", expired: false, left: true });
  }, []);

  switch (door.state) {
    case "knocking": return <main class="boot"><Loading what="Muster" /></main>;
    case "unreachable": return <main class="boot"><ErrorNote error={door.error} retry={() => void knock()} /></main>;
    case "outside": return <SignIn expired={door.expired} left={door.left} onSignedIn={enter} />;
    case "inside":
      if (door.session.second_factor.needed) return <SetUpFirst session={door.session} onDone={() => void look()} onSignOut={() => void signOut()} />;
      return <Inside session={door.session} onSignOut={() => void signOut()} onChanged={() => void look()} />;
  }
}
