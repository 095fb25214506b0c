// A shared token being made or changed, with what it would show beside it.
import { useState } from "preact/hooks";
import { ApiError, api, type Draft, type QueryFilter, type Settings, type SharedToken } from "./api";
import { FilterFields } from "./filter_fields";
import { PreviewOf } from "./preview";
import { Button, Callout, Confirm, Dialog, Field, Wrong } from "./ui";
import { absolute, filter_words, local_input, logic_words, plural } from "./words";

const DAY = 86_400;
const PRESETS: [string, number][] = [["1 day", DAY], ["7 days", 7 * DAY], ["30 days", 30 * DAY], ["90 days", 90 * DAY], ["1 year", 365 * DAY]];

interface Values {
  name: string;
  expires: string; // "keep", "never", "custom" or seconds from now
  custom: string;
  filters: number[];
  drafts: Draft[];
  operator: "AND" | "OR";
}

const values_of = (token: SharedToken): Values => ({
  name: token.name, expires: token.expirationDate === null ? "never" : "keep", custom: "",
  filters: token.filters ?? [], drafts: [], operator: token.filtersOperator,
});

function expiration_of(values: Values): number | null | undefined {
  if (values.expires === "keep") return undefined;
  if (values.expires === "never") return null;
  if (values.expires === "custom") return Math.floor(new Date(values.custom).getTime() / 1000);
  return Math.floor(Date.now() / 1000) + Number(values.expires);
}

function Expiration(props: { values: Values; change: (part: Partial<Values>) => void; token: SharedToken | null }) {
  const { values, change, token } = props;
  const at = expiration_of(values);
  const help = at === undefined ? `Ends ${absolute(token!.expirationDate!)}` : at === null ? "Works until it is disabled or deleted" : Number.isFinite(at) ? `Ends ${absolute(at)}` : "Choose a date";
  return (
    <>
      <Field label="Expiration" help={help}>
        {(ids) => (
          <select {...ids} value={values.expires} onChange={(event) => change({ expires: event.currentTarget.value, custom: values.custom || local_input(Date.now() / 1000 + 7 * DAY) })}>
            {token !== null && token.expirationDate !== null && <option value="keep">As it is</option>}
            {PRESETS.map(([text, seconds]) => <option value={String(seconds)}>{text} from now</option>)}
            <option value="custom">On a date…</option>
            <option value="never">Never</option>
          </select>
        )}
      </Field>
      {values.expires === "custom" && (
        <Field label="Expires on">
          {(ids) => <input {...ids} type="datetime-local" required value={values.custom} onInput={(event) => change({ custom: event.currentTarget.value })} />}
        </Field>
      )}
    </>
  );
}

function Filters(props: { values: Values; change: (part: Partial<Values>) => void; known: QueryFilter[]; most: number }) {
  const { values, change, known } = props;
  const [making, set_making] = useState<Draft | null>(null);
  const chosen = values.filters.flatMap((id) => known.find((filter) => filter.id === id) ?? []);
  const others = known.filter((filter) => !values.filters.includes(filter.id));
  const add_draft = () => {
    change({ drafts: [...values.drafts, making!] });
    set_making(null);
  };
  return (
    <fieldset>
      <legend>Filters</legend>
      {chosen.length + values.drafts.length === 0 && <p class="help">None yet. Choose one, or make a new one.</p>}
      <ul class="pills">
        {chosen.map((filter) => (
          <li class="pill"><span class="code">{filter_words(filter)}</span>
            <button type="button" aria-label={`Remove ${filter_words(filter)}`} onClick={() => change({ filters: values.filters.filter((id) => id !== filter.id) })}>✕</button>
          </li>
        ))}
        {values.drafts.map((draft, at) => (
          <li class="pill new"><span class="code">{filter_words(draft)}</span><small>new</small>
            <button type="button" aria-label={`Remove ${filter_words(draft)}`} onClick={() => change({ drafts: values.drafts.filter((_, other) => other !== at) })}>✕</button>
          </li>
        ))}
      </ul>
      {chosen.length + values.drafts.length > 1 && (
        <div class="choice" role="radiogroup" aria-label="How filters combine">
          {(["AND", "OR"] as const).map((operator) => (
            <label><input type="radio" name="operator" checked={values.operator === operator} onChange={() => change({ operator })} />
              {operator === "AND" ? "AND: all must match" : "OR: one is enough"}</label>
          ))}
        </div>
      )}
      {making === null ? (
        <div class="row">
          {others.length > 0 && (
            <Field label="Add a filter">
              {(ids) => (
                <select {...ids} value="" disabled={values.filters.length + values.drafts.length >= props.most}
                  onChange={(event) => { const id = Number(event.currentTarget.value); if (id) change({ filters: [...values.filters, id] }); event.currentTarget.value = ""; }}>
                  <option value="">Choose a filter…</option>
                  {others.map((filter) => <option value={filter.id}>{filter_words(filter)}{filter.description ? ` (${filter.description})` : ""}</option>)}
                </select>
              )}
            </Field>
          )}
          <Button small onClick={() => set_making({ field: "", value: "", description: "" })}>+ New filter</Button>
        </div>
      ) : (
        <div class="inset">
          <FilterFields draft={making} onDraft={set_making} />
          <div class="row">
            <Button small kind="primary" disabled={!making.field || !making.value} onClick={add_draft}>Use this filter</Button>
            <Button small kind="text" onClick={() => set_making(null)}>Cancel</Button>
          </div>
        </div>
      )}
    </fieldset>
  );
}

/** What somebody else has changed meanwhile, in words. */
function changes_between(before: SharedToken, now: SharedToken, filters: Map<number, QueryFilter>, settings: Settings): string[] {
  const logic = (token: SharedToken) => logic_words((token.filters ?? []).map((id) => filters.get(id) ?? { id, field: `filter ${id}`, value: "new", description: "" }), token.filtersOperator, settings);
  const end = (token: SharedToken) => (token.expirationDate === null ? "never" : absolute(token.expirationDate));
  const told: string[] = [];
  if (before.name !== now.name) told.push(`Name: “${before.name}” is now “${now.name}”`);
  if (logic(before) !== logic(now)) told.push(`Filters: ${logic(before)} → ${logic(now)}`);
  if (end(before) !== end(now)) told.push(`Expiration: ${end(before)} → ${end(now)}`);
  if (before.enabled !== now.enabled) told.push(now.enabled === false ? "It is disabled now" : "It is enabled again");
  if (JSON.stringify(before.limits) !== JSON.stringify(now.limits)) told.push("Its limits");
  return told.length > 0 ? told : ["It was changed, and is now as it was"];
}

export function TokenForm(props: {
  token: { value: SharedToken; etag: string | null } | null;
  filters: QueryFilter[];
  settings: Settings;
  onClose: () => void;
  onSaved: (token: SharedToken) => void;
}) {
  const { settings } = props;
  const [base, set_base] = useState(props.token);
  const [values, set_values] = useState<Values>(base ? values_of(base.value) : {
    name: "", expires: String(PRESETS.some(([, seconds]) => seconds === settings.defaultTtl) ? settings.defaultTtl : 7 * DAY), custom: "", filters: [], drafts: [], operator: "AND",
  });
  const [known, set_known] = useState(props.filters);
  const [busy, set_busy] = useState(false);
  const [error, set_error] = useState<unknown>(null);
  const [theirs, set_theirs] = useState<{ value: SharedToken; etag: string | null } | null>(null);
  const [widening, set_widening] = useState(false);
  const change = (part: Partial<Values>) => set_values((now) => ({ ...now, ...part }));
  const by_id = new Map(known.map((filter) => [filter.id, filter]));

  /** Filters made on the spot are stored first; should the token then fail, they are there to be chosen. */
  const store_drafts = async (): Promise<number[]> => {
    let { filters, drafts } = values;
    for (const draft of values.drafts) {
      const made = await api.create_filter(draft);
      filters = [...filters, made.id];
      drafts = drafts.slice(1);
      set_known((now) => [...now, made]);
      change({ filters, drafts });
    }
    return filters;
  };
  const save = async (etag: string | null, confirm: boolean) => {
    set_busy(true);
    set_error(null);
    try {
      const filters = await store_drafts();
      const expirationDate = expiration_of(values);
      const body = { name: values.name.trim(), filters, filtersOperator: values.operator, ...(expirationDate === undefined ? {} : { expirationDate }) };
      props.onSaved(base ? await api.patch_token(base.value.id, body, { etag, confirm }) : await api.create_token(body));
    } catch (wrong) {
      if (wrong instanceof ApiError && wrong.status === 412) {
        set_known(await api.filters());
        set_theirs(await api.token(base!.value.id));
      } else if (wrong instanceof ApiError && wrong.code === "shared-tokens/CONFIRM_WIDENING") {
        set_widening(true);
      } else {
        set_error(wrong);
      }
    }
    set_busy(false);
  };
  const missing = values.name.trim() === "" ? "A token needs a name" : undefined;
  const all = [...values.filters.flatMap((id) => by_id.get(id) ?? []), ...values.drafts];
  return (
    <Dialog side title={base ? `Edit ${base.value.name || "token"}` : "New shared token"} onClose={props.onClose} footer={
      <>
        <Button kind="text" onClick={props.onClose}>Cancel</Button>
        <Button kind="primary" busy={busy} disabled={missing !== undefined || theirs !== null} onClick={() => save(base?.etag ?? null, false)}>{base ? "Save" : "Create token"}</Button>
      </>
    }>
      <div class="beside">
        <div>
          {theirs && (
            <Callout tone="warn" loud title="Somebody else has changed this token meanwhile">
              <ul>{changes_between(base!.value, theirs.value, by_id, settings).map((text) => <li>{text}</li>)}</ul>
              <div class="row">
                <Button small onClick={() => { set_base(theirs); set_values(values_of(theirs.value)); set_theirs(null); }}>Go on from theirs</Button>
                <Button small kind="danger" onClick={() => { const { etag } = theirs; set_base(theirs); set_theirs(null); void save(etag, false); }}>Replace it by mine</Button>
              </div>
            </Callout>
          )}
          <Wrong error={error} title="The token was not saved" />
          <Field label="Name" help="For you and your colleagues; its holders do not see it">
            {(ids) => <input {...ids} type="text" maxLength={256} required value={values.name} onInput={(event) => change({ name: event.currentTarget.value })} />}
          </Field>
          <Expiration values={values} change={change} token={base?.value ?? null} />
          <Filters values={values} change={change} known={known} most={settings.maxFiltersPerToken} />
          <p class="logic"><span class="subdued">Holders see </span><span class="code">{logic_words(all, values.operator, settings)}</span></p>
        </div>
        <PreviewOf filters={values.filters} drafts={values.drafts} operator={values.operator} />
      </div>
      {widening && (
        <Confirm title="Let its holders see more?" action="Yes, widen it" danger onClose={() => set_widening(false)} onConfirm={async () => { set_widening(false); await save(base?.etag ?? null, true); }}>
          <p>After this change whoever has this token sees more documents, or sees them for longer. It will use {plural(all.length, "filter")}.</p>
        </Confirm>
      )}
    </Dialog>
  );
}
