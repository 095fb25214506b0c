// The three fields of a filter, with suggestions from the real mappings and the data.
import { useEffect, useState } from "preact/hooks";
import { api, type Draft, type FieldInfo } from "./api";
import { Callout, Field, Suggest, type Suggestion } from "./ui";
import { count } from "./words";

const kind_of = (field: FieldInfo) =>
  `${field.types.join(", ")} · ${field.exactIndices === 0 ? "not exact" : field.otherIndices === 0 ? "exact" : "exact in some indices"}`;

function field_suggestions(fields: FieldInfo[]): Suggestion[] {
  const listed: Suggestion[] = [];
  const seen = new Set<string>();
  for (const field of fields) {
    const instead = field.exactIndices === 0 ? field.useInstead : undefined;
    const name = instead ?? field.name;
    if (seen.has(name)) continue;
    seen.add(name);
    listed.push(instead
      ? { value: instead, detail: `instead of ${field.name}, which is ${field.types.join(", ")}` }
      : { value: field.name, detail: kind_of(field), disabled: field.exactIndices === 0 });
  }
  return listed;
}

export function FilterFields(props: { draft: Draft; onDraft: (draft: Draft) => void }) {
  const { draft, onDraft } = props;
  const [info, set_info] = useState<FieldInfo | null>(null);
  const suggest_fields = async (text: string, signal: AbortSignal) => field_suggestions((await api.fields(text, signal)).fields);
  const suggest_values = async (text: string, signal: AbortSignal) => {
    if (!draft.field) return [];
    const { values } = await api.values(draft.field, text, signal);
    return values.map(({ value, documents }) => ({ value, detail: `${count(documents)} documents` }));
  };
  // What the mappings say of the field that stands there, typed or chosen.
  useEffect(() => {
    set_info(null);
    if (!draft.field) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { fields } = await api.fields(draft.field, stop.signal);
        set_info(fields.find((field) => field.name === draft.field) ?? null);
      } catch {
        // The suggestions say what is wrong.
      }
    }, 300);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [draft.field]);
  return (
    <>
      <Field label="Field" help={info ? kind_of(info) : "A field of your indices"}>
        {(ids) => <Suggest ids={ids} value={draft.field} suggest={suggest_fields} placeholder="team" onValue={(field) => onDraft({ ...draft, field: field.trim() })} />}
      </Field>
      {info?.why && (
        <Callout tone="warn" title={`${info.name} ${info.why}`}>
          {info.useInstead && <button type="button" class="button small" onClick={() => onDraft({ ...draft, field: info.useInstead! })}>Use {info.useInstead}</button>}
        </Callout>
      )}
      <Field label="Value" help="Exactly this value, upper and lower case as it is written">
        {(ids) => <Suggest ids={ids} value={draft.value} suggest={suggest_values} depends={draft.field} onValue={(value) => onDraft({ ...draft, value })} />}
      </Field>
      <Field label="Description" help="What people will know it by; may be left empty">
        {(ids) => <input {...ids} type="text" maxLength={256} value={draft.description} onInput={(event) => onDraft({ ...draft, description: event.currentTarget.value })} />}
      </Field>
    </>
  );
}
