// Why: what the organisation wants to know of an incident or a service beyond what every one has. Fields without a value are left out: at 3 a.m. an empty
// form is noise. Whoever may fills them in on a sheet of its own.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError, get, put } from "../api/client";
import type { CustomField, CustomFieldDefinition } from "../api/types";
import { DEFINITIONS, type FieldOwner } from "../custom_field_definitions";
import { changesOf, draftOf, mistakesOf, type Draft, type FieldChange } from "../custom_fields";
import { setUp, useResource } from "../live";
import { Field, useFirstMistake } from "./custom_field_control";
import { safeLink } from "./sent";
import { Dialog, DialogButtons, ErrorNote, Loading, Moment, toast, useAction } from "./ui";

interface Props {
  of: FieldOwner;
  fields: readonly CustomField[];
  /** Where the API keeps them. */
  values: string;
  onChanged: () => Promise<void>;
}

export function Value({ field }: { field: CustomField }): JSX.Element {
  const { value, data_type } = field;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (Array.isArray(value)) return <>{value.join(", ")}</>;
  if (typeof value === "string" && data_type === "datetime") return <Moment at={value} />;
  const href = typeof value === "string" && data_type === "url" ? safeLink(value) : undefined;
  return href ? <a href={href} target="_blank" rel="noopener noreferrer">{href}</a> : <>{String(value)}</>;
}

function EditSheet({ of, fields: given, values, onClose, onChanged }: Props & { onClose: () => void }): JSX.Element {
  const [fields] = useState(given); // what others set meanwhile does not move what is being typed
  const [drafts, setDrafts] = useState<ReadonlyMap<string, Draft>>(() => new Map(fields.map((field) => [field.id, draftOf(field)])));
  const [sent, setSent] = useState<readonly FieldChange[]>([]);
  const action = useAction();
  const form = useFirstMistake(action.error);
  const defined = useResource(DEFINITIONS[of], (signal) => get<{ fields: CustomFieldDefinition[] }>(DEFINITIONS[of], { include: ["field_options"] }, signal), setUp);
  const changes = changesOf(fields, drafts);
  const { at, others } = mistakesOf(action.error instanceof ApiError ? action.error.mistakes : [], sent);
  const error = at.size > 0 && others.length === 0 ? new Error("Nothing was saved. See what is marked.") : action.error;
  const save = async (): Promise<void> => {
    if (changes.length === 0 || form.current?.reportValidity() === false) return;
    setSent(changes);
    if (!(await action.run("fields", () => put(values, { custom_fields: changes })))) return;
    onClose();
    toast("Saved.");
    await onChanged();
  };
  const optionsOf = (id: string): string[] => defined.value?.fields.find((one) => one.id === id)?.field_options.map((option) => option.data.value) ?? [];
  return (
    <Dialog title={`About this ${of}`} onClose={onClose}>
      <ErrorNote error={defined.error} retry={() => void defined.reload()} />
      {defined.value
        ? (
          <form ref={form} class="fields" onSubmit={(event) => { event.preventDefault(); void save(); }}>
            {fields.map((field) => (
              <Field key={field.id} field={field} draft={drafts.get(field.id) ?? ""} options={optionsOf(field.id)} mistakes={at.get(field.id) ?? []} onChange={(draft) => setDrafts(new Map([...drafts, [field.id, draft]]))} />
            ))}
            <button type="submit" hidden>Save</button>
          </form>
        )
        : !defined.error && <Loading what="the fields" />}
      <DialogButtons confirm="Save" action={{ ...action, error }} name="fields" disabled={changes.length === 0} onClose={onClose} onConfirm={() => void save()} />
    </Dialog>
  );
}

export function CustomFields(props: Props): JSX.Element | null {
  const [editing, setEditing] = useState(false);
  const { of, fields } = props;
  const filled = fields.filter((field) => field.value !== null && (!Array.isArray(field.value) || field.value.length > 0));
  if (fields.length === 0) return null;
  return (
    <section class="panel" aria-label="Custom fields">
      <div class="panel-head">
        <h2>About this {of}</h2>
        <button type="button" class="button button-small" onClick={() => setEditing(true)}>{filled.length > 0 ? "Change" : "Fill in"}</button>
      </div>
      {filled.length > 0 && (
        <dl class="details">
          {filled.map((field) => (
            <div key={field.id}><dt title={field.description ?? undefined}>{field.display_name}</dt><dd><Value field={field} /></dd></div>
          ))}
        </dl>
      )}
      {editing && <EditSheet {...props} onClose={() => setEditing(false)} />}
    </section>
  );
}
