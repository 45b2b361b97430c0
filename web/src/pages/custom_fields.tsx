// Why: an organisation decides itself what it wants to know of its incidents and services. Here it defines the fields; they are filled in on the pages of
// the things that have them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError, get, post, put, remove } from "../api/client";
import type { CustomFieldDefinition, Session } from "../api/types";
import { Field, FieldFrame, useFirstMistake } from "../components/custom_field_control";
import { Value } from "../components/custom_fields";
import { Dialog, DialogButtons, ErrorNote, Loading, toast, useAction } from "../components/ui";
import { DEFINITIONS, KINDS, defaultField, definitionBody, definitionDraft, definitionMistakes, hasOptions, kindOf, nameOf, optionsOf, type DefinitionDraft, type FieldOwner } from "../custom_field_definitions";
import { setUp, useResource } from "../live";
import { mayManage } from "../permission";

interface SheetProps {
  of: FieldOwner;
  onClose: () => void;
  onChanged: () => Promise<void>;
}

function Sheet({ of, before, onClose, onChanged }: SheetProps & { before?: CustomFieldDefinition }): JSX.Element {
  const [draft, setDraft] = useState<DefinitionDraft>(() => definitionDraft(before));
  const [sent, setSent] = useState(draft);
  const action = useAction();
  const form = useFirstMistake(action.error);
  const { at, others } = definitionMistakes(action.error instanceof ApiError ? action.error.mistakes : [], sent);
  const marked = action.error instanceof ApiError && action.error.mistakes.length > 0 && others.length === 0;
  const set = (change: Partial<DefinitionDraft>): void => setDraft({ ...draft, ...change });
  const save = async (): Promise<void> => {
    if (form.current?.reportValidity() === false) return;
    const body = definitionBody(of, draft, before);
    setSent(draft);
    if (!(await action.run("field", () => (before ? put(`${DEFINITIONS[of]}/${before.id}`, body) : post(DEFINITIONS[of], body))))) return;
    onClose();
    toast("Saved.");
    await onChanged();
  };
  // The name follows what is typed until somebody gives it another.
  const rename = (display_name: string): void => set({ display_name, ...(draft.name === nameOf(draft.display_name) ? { name: nameOf(display_name) } : {}) });
  const choices = optionsOf(draft.options);
  return (
    <Dialog title={before ? `Change ${before.display_name}` : `A new field of ${of}s`} onClose={onClose}>
      <form ref={form} class="fields" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <FieldFrame id="display-name" mistakes={at("display_name")}>
          {(marks) => <label>Name<input {...marks} type="text" required maxLength={50} value={draft.display_name} onInput={(event) => rename(event.currentTarget.value)} /></label>}
        </FieldFrame>
        {before
          ? <p class="quiet">{KINDS[draft.kind]?.name}, <code>{before.name}</code> for programs: both stay as they are.</p>
          : (
            <>
              <FieldFrame id="name" hint="Lowercase letters, digits and underscores. It cannot be changed later." mistakes={at("name")}>
                {(marks) => <label>Name for programs<input {...marks} type="text" required maxLength={50} autoCapitalize="none" spellcheck={false} value={draft.name} onInput={(event) => set({ name: event.currentTarget.value })} /></label>}
              </FieldFrame>
              <FieldFrame id="kind" hint="It cannot be changed later." mistakes={[]}>
                {(marks) => (
                  <label>
                    Kind
                    <select {...marks} value={draft.kind} onChange={(event) => set({ kind: Number(event.currentTarget.value), fallback: "" })}>
                      {KINDS.map((kind, index) => <option key={kind.name} value={index}>{kind.name}</option>)}
                    </select>
                  </label>
                )}
              </FieldFrame>
            </>
          )}
        {hasOptions(draft) && (
          <FieldFrame id="options" hint={`One on each line, in the order in which they are offered.${before ? ` A ${of} keeps what was chosen, though it is no longer offered.` : ""}`} mistakes={at("field_options")}>
            {(marks) => <label>Choices<textarea {...marks} rows={4} value={draft.options} onInput={(event) => set({ options: event.currentTarget.value })} /></label>}
          </FieldFrame>
        )}
        {of === "incident" && <Field field={defaultField(draft)} draft={draft.fallback} options={choices} mistakes={at("default_value")} onChange={(fallback) => set({ fallback })} />}
        <FieldFrame id="description" hint="Shown to whoever fills it in." mistakes={at("description")}>
          {(marks) => <label>Description<textarea {...marks} rows={2} maxLength={1000} value={draft.description} onInput={(event) => set({ description: event.currentTarget.value })} /></label>}
        </FieldFrame>
        <div class="field">
          <label class="choice">
            <input type="checkbox" checked={draft.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
            <span class="choice-name">In use: it is shown and can be filled in</span>
          </label>
        </div>
        <button type="submit" hidden>Save</button>
      </form>
      <DialogButtons confirm="Save" action={marked ? { ...action, error: new Error("Nothing was saved. See what is marked.") } : action} name="field" onClose={onClose} onConfirm={() => void save()} />
    </Dialog>
  );
}

const LOST: Record<FieldOwner, string> = {
  incident: "What is set in it is lost on every incident, also on those that are resolved. The timeline of each incident still tells who set what.",
  service: "What is set in it is lost on every service. The audit record still tells who set what.",
};

function DeleteQuestion({ of, field, onClose, onChanged }: SheetProps & { field: CustomFieldDefinition }): JSX.Element {
  const action = useAction();
  const drop = async (): Promise<void> => {
    if (!(await action.run("delete", () => remove(`${DEFINITIONS[of]}/${field.id}`)))) return;
    onClose();
    toast(`${field.display_name} was deleted.`);
    await onChanged();
  };
  return (
    <Dialog title={`Delete ${field.display_name}?`} onClose={onClose}>
      <p>{LOST[of]} It cannot be undone.</p>
      {field.enabled && <p class="quiet">To hide the field and keep what is set, take it out of use instead.</p>}
      <DialogButtons confirm="Delete" tone="danger" action={action} name="delete" onClose={onClose} onConfirm={() => void drop()} />
    </Dialog>
  );
}

function Definition({ field, children }: { field: CustomFieldDefinition; children: JSX.Element | null }): JSX.Element {
  const value = field.default_value ?? null;
  return (
    <li class="definition">
      <h3>{field.display_name}{!field.enabled && <> <span class="tag">not in use</span></>}</h3>
      <p class="quiet">{KINDS[kindOf(field)]?.name ?? field.data_type}, <code>{field.name}</code>{value !== null && <>, begins as <Value field={{ ...field, value }} /></>}</p>
      {field.description && <p>{field.description}</p>}
      {field.field_options.length > 0 && <p class="quiet">{field.field_options.map((option) => option.data.value).join(" · ")}</p>}
      {children}
    </li>
  );
}

type Open = { sheet: "new" } | { sheet: "change" | "delete"; field: CustomFieldDefinition } | undefined;

function Definitions({ of, session }: { of: FieldOwner; session: Session }): JSX.Element {
  const [open, setOpen] = useState<Open>();
  const page = useResource(DEFINITIONS[of], (signal) => get<{ fields: CustomFieldDefinition[] }>(DEFINITIONS[of], { include: ["field_options"] }, signal), setUp);
  const may = mayManage(session);
  const sheet = { of, onClose: () => setOpen(undefined), onChanged: page.reload };
  return (
    <section class="panel" aria-label={`Fields of ${of}s`}>
      <div class="panel-head">
        <h2>Fields of {of}s</h2>
        {may && page.value && <button type="button" class="button button-small" onClick={() => setOpen({ sheet: "new" })}>Add a field</button>}
      </div>
      <ErrorNote error={page.error} retry={() => void page.reload()} />
      {!page.value && !page.error && <Loading what="the fields" />}
      {page.value?.fields.length === 0 && <p class="quiet">There is none.</p>}
      <ul class="definitions">
        {page.value?.fields.map((field) => (
          <Definition key={field.id} field={field}>
            {may
              ? (
                <div class="definition-actions">
                  <button type="button" class="button button-small" aria-label={`Change ${field.display_name}`} onClick={() => setOpen({ sheet: "change", field })}>Change</button>
                  <button type="button" class="button button-small" aria-label={`Delete ${field.display_name}`} onClick={() => setOpen({ sheet: "delete", field })}>Delete</button>
                </div>
              )
              : null}
          </Definition>
        ))}
      </ul>
      {open?.sheet === "new" && <Sheet {...sheet} />}
      {open?.sheet === "change" && <Sheet {...sheet} before={open.field} />}
      {open?.sheet === "delete" && <DeleteQuestion {...sheet} field={open.field} />}
    </section>
  );
}

export function CustomFieldsPage({ session }: { session: Session }): JSX.Element {
  return (
    <>
      <div class="record-head">
        <h1>Custom fields</h1>
        <p class="quiet">What you want to know beyond what every incident and every service has. They are filled in on the page of the incident or the service.</p>
      </div>
      <div class="boards">
        <Definitions of="incident" session={session} />
        <Definitions of="service" session={session} />
      </div>
    </>
  );
}
