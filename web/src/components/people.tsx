// Why: choosing whom to call: by name, with the hour it is where they are.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get } from "../api/client";
import type { User } from "../api/types";
import { setUp, useResource } from "../live";
import { ErrorNote, Loading, LocalTime } from "./ui";

export function PeoplePicker({ chosen, onChange, several }: { chosen: readonly string[]; onChange: (ids: string[], users: User[]) => void; several: boolean }): JSX.Element {
  const [query, setQuery] = useState("");
  const people = useResource(`people ${query}`, (signal) => get<{ users: User[] }>("users", { limit: 50, ...(query ? { query } : {}) }, signal), setUp);
  const [known, setKnown] = useState<Map<string, User>>(new Map());

  const toggle = (user: User): void => {
    const all = new Map(known).set(user.id, user);
    setKnown(all);
    const next = !several ? [user.id] : chosen.includes(user.id) ? chosen.filter((id) => id !== user.id) : [...chosen, user.id];
    onChange(next, next.flatMap((id) => all.get(id) ?? []));
  };

  return (
    <div class="picker">
      <input type="search" aria-label="Find a person" placeholder="Find a person" value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
      <ErrorNote error={people.error} retry={() => void people.reload()} />
      {!people.value && !people.error && <Loading what="people" />}
      <ul class="choices">
        {people.value?.users.map((user) => (
          <li key={user.id}>
            <label class="choice">
              <input type={several ? "checkbox" : "radio"} name="person" checked={chosen.includes(user.id)} onChange={() => toggle(user)} />
              <span class="choice-name">{user.name}</span>
              <span class="quiet"><LocalTime zone={user.time_zone} /></span>
            </label>
          </li>
        ))}
        {people.value?.users.length === 0 && <li class="quiet">Nobody has that name.</li>}
      </ul>
    </div>
  );
}
