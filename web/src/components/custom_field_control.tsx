// Why: a value of a custom field is typed in where it is set and where a field's default is defined: one control for each type, with its label, what helps
// to fill it in, and what the server says is wrong with it.
import type { JSX, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { CustomField } from "../api/types";
import type { Draft } from "../custom_fields";
import { zoneShown } from "../time";

/** What marks a control as wrong and where that is said. */
export interface Marks { "aria-invalid"?: boolean; "aria-describedby"?: string }

interface ControlProps {
  field: CustomField;
  draft: Draft;
  /** Of a fixed field. */
  options: readonly string[];
  onChange: (draft: Draft) => void;
  marks: Marks;
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

/** A control with what helps to fill it in and what is wrong with it. `children` makes the control, with its label. */
export function FieldFrame({ id, hint: said = "", mistakes, children }: { id: string; hint?: string; mistakes: readonly string[]; children: (marks: Marks) => JSX.Element }): JSX.Element {
  const describedBy = [said !== "" ? `hint-${id}` : "", mistakes.length > 0 ? `wrong-${id}` : ""].filter((one) => one !== "").join(" ");
  return (
    <div class="field">
      {children({ ...(mistakes.length > 0 ? { "aria-invalid": true } : {}), ...(describedBy !== "" ? { "aria-describedby": describedBy } : {}) })}
      {said !== "" && <p id={`hint-${id}`} class="quiet">{said}</p>}
      {mistakes.length > 0 && <p id={`wrong-${id}`} class="field-wrong">{mistakes.join(". ")}.</p>}
    </div>
  );
}

export function Field({ mistakes, ...props }: Omit<ControlProps, "marks"> & { mistakes: readonly string[] }): JSX.Element {
  const { field } = props;
  return (
    <FieldFrame id={field.id} hint={hint(field)} mistakes={mistakes}>
      {(marks) => (field.field_type === "multi_value_fixed" ? <Choices {...props} marks={marks} /> : <label>{field.display_name}<Control {...props} marks={marks} /></label>)}
    </FieldFrame>
  );
}

/** Brings what is marked as wrong into view after each answer. */
export function useFirstMistake(error: unknown): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    wrong?.focus({ preventScroll: true });
    wrong?.scrollIntoView({ block: "center" }); // the buttons lie over the lower edge
  }, [error]);
  return form;
}
