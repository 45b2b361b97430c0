// Why: what the organisation wants to know of an incident beyond what every incident has. Fields without a value are left out: at 3 a.m. an empty
// form is noise. Whoever responds fills them in on a sheet of its own.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get, put } from "../api/client";
import type { CustomField, CustomFieldDefinition, Incident } from "../api/types";
import { changesOf, draftOf, mistakesOf, type Draft, type FieldChange } from "../custom_fields";
import { setUp, useResource } from "../live";
import { zoneShown } from "../time";
import { safeLink } from "./sent";
import { Dialog, DialogButtons, ErrorNote, Loading, Moment, toast, useAction } from "./ui";

function Value({ field }: { field: CustomField }): JSX.Element {
  const { value, data_type } = field;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (Array.isArray(value)) return <>{value.join(", ")}</>;
  if (typeof value === "string" && data_type === "datetime") return <Moment at={value} />;
  const href = typeof value === "string" && data_type === "url" ? safeLink(value) : undefined;
  return href ? <a href={href} target="_blank" rel="noopener noreferrer">{href}</a> : <>{String(value)}</>;
}

interface ControlProps {
  field: CustomField;
  draft: Draft;
  /** Of a fixed field. */
  options: readonly string[];
  onChange: (draft: Draft) => void;
  /** What marks it as wrong and where that is said. */
  marks: { "aria-invalid"?: boolean; "aria-describedby"?: string };
}

/** What is set stays on offer, though the field no longer has it. */
function withCurrent(options: readonly string[], current: readonly string[]): { value: string; label: string }[] {
  const gone = current.filter((one) => one !== "" && !options.includes(one));
  return [...options.map((value) => ({ value, label: value })), ...gone.map((value) => ({ value, label: `${value} (no longer offered)` }))];
}

function Choices({ field, draft, options, onChange, marks }: ControlProps): JSX.Element {
  const chosen = typeof draft === "string" ? [] : draft;
  const offered = withCurrent(options, Array.isArray(field.value) ? field.value : []);
  return (
    <fieldset class="choices" {...marks}>
      <legend>{field.display_name}</legend>
      {offered.map(({ value, label }) => (
        <label key={value} class="choice">
          <input type="checkbox" checked={chosen.includes(value)} onChange={(event) => onChange(event.currentTarget.checked ? [...chosen, value] : chosen.filter((one) => one !== value))} />
          <span class="choice-name">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Select({ draft, offered, onChange, marks }: Pick<ControlProps, "draft" | "onChange" | "marks"> & { offered: readonly { value: string; label: string }[] }): JSX.Element {
  return (
    <select {...marks} value={String(draft)} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">not set</option>
      {offered.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
    </select>
  );
}

function Control(props: ControlProps): JSX.Element {
  const { field, draft, options, onChange, marks } = props;
  const text = String(draft);
  if (field.field_type === "single_value_fixed") return <Select {...props} offered={withCurrent(options, [String(field.value ?? "")])} />;
  if (field.data_type === "boolean") return <Select {...props} offered={[{ value: "true", label: "yes" }, { value: "false", label: "no" }]} />;
  if (field.field_type === "multi_value") return <textarea {...marks} rows={3} value={text} onInput={(event) => onChange(event.currentTarget.value)} />;
  // Half a date is no value to the browser: what is in the control is its own affair until it is one.
  if (field.data_type === "datetime") return <input {...marks} type="datetime-local" defaultValue={text} onInput={(event) => onChange(event.currentTarget.value)} />;
  const mode = field.data_type === "integer" ? "numeric" : field.data_type === "float" ? "decimal" : field.data_type === "url" ? "url" : "text";
  return <input {...marks} type="text" inputMode={mode} maxLength={200} value={text} onInput={(event) => onChange(event.currentTarget.value)} />;
}

function hint({ description, data_type, field_type }: CustomField): string {
  const form = field_type === "multi_value" ? "One on each line." : data_type === "datetime" ? `Time in ${zoneShown()}.` : "";
  return [description ?? "", form].filter((part) => part !== "").join(" ");
}

function Field({ mistakes, ...props }: Omit<ControlProps, "marks"> & { mistakes: readonly string[] }): JSX.Element {
  const { field } = props;
  const said = hint(field);
  const describedBy = [said !== "" ? `hint-${field.id}` : "", mistakes.length > 0 ? `wrong-${field.id}` : ""].filter((id) => id !== "").join(" ");
  const marks = { ...(mistakes.length > 0 ? { "aria-invalid": true } : {}), ...(describedBy !== "" ? { "aria-describedby": describedBy } : {}) };
  return (
    <div class="field">
      {field.field_type === "multi_value_fixed" ? <Choices {...props} marks={marks} /> : <label>{field.display_name}<Control {...props} marks={marks} /></label>}
      {said !== "" && <p id={`hint-${field.id}`} class="quiet">{said}</p>}
      {mistakes.length > 0 && <p id={`wrong-${field.id}`} class="field-wrong">{mistakes.join(". ")}.</p>}
    </div>
  );
}

function EditSheet({ incident, onClose, onChanged }: { incident: Incident; onClose: () => void; onChanged: () => Promise<void> }): JSX.Element {
  const [fields] = useState(incident.custom_fields); // what others set meanwhile does not move what is being typed
  const [drafts, setDrafts] = useState<ReadonlyMap<string, Draft>>(() => new Map(fields.map((field) => [field.id, draftOf(field)])));
  const [sent, setSent] = useState<readonly FieldChange[]>([]);
  const action = useAction();
  const form = useRef<HTMLFormElement>(null);
  const defined = useResource("custom fields", (signal) => get<{ fields: CustomFieldDefinition[] }>("incidents/types/incident_default/custom_fields", { include: ["field_options"] }, signal), setUp);
  const changes = changesOf(fields, drafts);
  const { at, others } = mistakesOf(action.error instanceof ApiError ? action.error.mistakes : [], sent);
  const error = at.size > 0 && others.length === 0 ? new Error("Nothing was saved. See what is marked.") : action.error;
  useEffect(() => {
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    wrong?.focus({ preventScroll: true });
    wrong?.scrollIntoView({ block: "center" }); // the buttons lie over the lower edge
  }, [action.error]);
  const save = async (): Promise<void> => {
    if (changes.length === 0 || form.current?.reportValidity() === false) return;
    setSent(changes);
    if (!(await action.run("fields", () => put(`incidents/${incident.id}/custom_fields/values`, { custom_fields: changes })))) return;
    onClose();
    toast("Saved.");
    await onChanged();
  };
  const optionsOf = (id: string): string[] => defined.value?.fields.find((one) => one.id === id)?.field_options?.map((option) => option.data.value) ?? [];
  return (
    <Dialog title="About this incident" onClose={onClose}>
      <ErrorNote error={defined.error} retry={() => void defined.reload()} />
      {defined.value
        ? (
          <form ref={form} class="fields" onSubmit={(event) => { event.preventDefault(); void save(); }}>
            {fields.map((field) => (
              <Field key={field.id} field={field} draft={drafts.get(field.id) ?? ""} options={optionsOf(field.id)} mistakes={at.get(field.id) ?? []} onChange={(draft) => setDrafts(new Map([...drafts, [field.id, draft]]))} />
            ))}
          </form>
        )
        : !defined.error && <Loading what="the fields" />}
      <DialogButtons confirm="Save" action={{ ...action, error }} name="fields" disabled={changes.length === 0} onClose={onClose} onConfirm={() => void save()} />
    </Dialog>
  );
}

export function CustomFields({ incident, onChanged }: { incident: Incident; onChanged: () => Promise<void> }): JSX.Element | null {
  const [editing, setEditing] = useState(false);
  const fields = incident.custom_fields;
  const filled = fields.filter((field) => field.value !== null && (!Array.isArray(field.value) || field.value.length > 0));
  if (fields.length === 0) return null;
  return (
    <section class="panel" aria-label="Custom fields">
      <div class="panel-head">
        <h2>About this incident</h2>
        <button type="button" class="button button-small" onClick={() => setEditing(true)}>{filled.length > 0 ? "Change" : "Fill in"}</button>
      </div>
      {filled.length > 0 && (
        <dl class="details">
          {filled.map((field) => (
            <div key={field.id}><dt title={field.description ?? undefined}>{field.display_name}</dt><dd><Value field={field} /></dd></div>
          ))}
        </dl>
      )}
      {editing && <EditSheet incident={incident} onClose={() => setEditing(false)} onChanged={onChanged} />}
    </section>
  );
}
