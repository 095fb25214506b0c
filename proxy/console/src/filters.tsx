// The page of filters: which there are, who uses them, and what a change of one would open.
import { useState } from "preact/hooks";
import { ApiError, api, type Draft, type QueryFilter, type Settings, type SharedToken } from "./api";
import { FilterFields } from "./filter_fields";
import type { Page } from "./main";
import { PreviewOf } from "./preview";
import { Button, Callout, Confirm, Dialog, Empty, Loading, SortHead, useFetched, usePages, Wrong } from "./ui";
import { count, filter_words, plural } from "./words";
import { widened_by } from "./widening";

const draft_of = (filter: QueryFilter): Draft => ({ field: filter.field, value: filter.value, description: filter.description });

/** How many tokens a change widens, and what each would newly see. */
function Widening(props: { filter: QueryFilter; after: Draft | null; tokens: SharedToken[]; settings: Settings; onKnown: () => void }) {
  const { value, error } = useFetched(async () => {
    const widened = await widened_by(props.filter, props.after, props.tokens, props.settings);
    props.onKnown();
    return widened;
  });
  if (error) return <Wrong error={error} />;
  if (!value) return <Loading what="what that opens" />;
  const opened = value.filter(({ more }) => more !== 0);
  const bare = props.after === null && props.settings.unfiltered === "allow" ? value.filter(({ token }) => token.filters?.length === 1) : [];
  if (value.length === 0) return <p>No token uses it.</p>;
  return (
    <>
      <p>{plural(value.length, "token uses", "tokens use")} it. {opened.length === 0 ? "None of them sees more afterwards." : <strong>{plural(opened.length, "token is", "tokens are")} widened by this:</strong>}</p>
      {opened.length > 0 && (
        <ul>{opened.map(({ token, more }) => <li><strong>{token.name}</strong> {more === null ? "sees more, or the same" : `newly sees ${plural(more, "document")}`}</li>)}</ul>
      )}
      {bare.length > 0 && <Callout tone="bad" title={`${plural(bare.length, "token has", "tokens have")} no other filter and would see everything in the account: ${bare.map(({ token }) => token.name).join(", ")}`} />}
    </>
  );
}

function DeleteFilter(props: { filter: QueryFilter; tokens: SharedToken[]; settings: Settings; onClose: () => void; onDone: () => void }) {
  const [known, set_known] = useState(false);
  return (
    <Confirm title={`Delete the filter ${filter_words(props.filter)}?`} action="Delete filter" danger waiting={!known} onClose={props.onClose}
      onConfirm={async () => { await api.delete_filter(props.filter.id, { confirm: true }); props.onDone(); }}>
      <p>It is taken off every token that has it. Links and open dashboards follow at once.</p>
      <Widening filter={props.filter} after={null} tokens={props.tokens} settings={props.settings} onKnown={() => set_known(true)} />
    </Confirm>
  );
}

function FilterForm(props: { filter: { value: QueryFilter; etag: string | null } | null; tokens: SharedToken[]; settings: Settings; onClose: () => void; onSaved: (filter: QueryFilter) => void }) {
  const [base, set_base] = useState(props.filter);
  const [draft, set_draft] = useState<Draft>(base ? draft_of(base.value) : { field: "", value: "", description: "" });
  const [busy, set_busy] = useState(false);
  const [error, set_error] = useState<unknown>(null);
  const [asking, set_asking] = useState(false);
  const [known, set_known] = useState(false);
  const [theirs, set_theirs] = useState<{ value: QueryFilter; etag: string | null } | null>(null);
  const using = base ? props.tokens.filter((token) => token.filters?.includes(base.value.id)) : [];
  const moves = base !== null && (draft.field !== base.value.field || draft.value !== base.value.value);

  const save = async () => {
    set_busy(true);
    set_error(null);
    try {
      props.onSaved(base ? await api.patch_filter(base.value.id, draft, { etag: base.etag, confirm: true }) : await api.create_filter(draft));
    } catch (wrong) {
      set_asking(false);
      if (wrong instanceof ApiError && wrong.status === 412) set_theirs(await api.filter(base!.value.id));
      else set_error(wrong);
    }
    set_busy(false);
  };
  return (
    <Dialog side title={base ? `Edit the filter ${filter_words(base.value)}` : "New filter"} onClose={props.onClose} footer={
      <>
        <Button kind="text" onClick={props.onClose}>Cancel</Button>
        <Button kind="primary" busy={busy} disabled={!draft.field || !draft.value || theirs !== null}
          onClick={() => { if (moves && using.length > 0) { set_known(false); set_asking(true); } else void save(); }}>{base ? "Save" : "Create filter"}</Button>
      </>
    }>
      <div class="beside">
        <div>
          {theirs && (
            <Callout tone="warn" loud title="Somebody else has changed this filter meanwhile">
              <p>It was <span class="code">{filter_words(base!.value)}</span> and is now <span class="code">{filter_words(theirs.value)}</span>{theirs.value.description !== base!.value.description && <>, described as “{theirs.value.description}”</>}.</p>
              <div class="row">
                <Button small onClick={() => { set_base(theirs); set_draft(draft_of(theirs.value)); set_theirs(null); }}>Go on from theirs</Button>
                <Button small onClick={() => { set_base(theirs); set_theirs(null); }}>Keep mine and look again</Button>
              </div>
            </Callout>
          )}
          <Wrong error={error} title="The filter was not saved" />
          <FilterFields draft={draft} onDraft={set_draft} />
          {using.length > 0 && <p class="help">Used by {using.map((token) => token.name).join(", ")}: a change of the filter changes all of them.</p>}
        </div>
        {draft.field && draft.value
          ? <PreviewOf filters={[]} drafts={[draft]} operator="AND" />
          : <section class="preview" aria-label="Preview"><h3>Preview</h3><p class="subdued">Choose a field and a value to see which documents it shows.</p></section>}
      </div>
      {asking && base && (
        <Confirm title="Change it for every token that uses it?" action="Change filter" danger waiting={!known} onClose={() => set_asking(false)} onConfirm={save}>
          <p><span class="code">{filter_words(base.value)}</span> becomes <span class="code">{filter_words(draft)}</span>.</p>
          <Widening filter={base.value} after={draft} tokens={props.tokens} settings={props.settings} onKnown={() => set_known(true)} />
        </Confirm>
      )}
    </Dialog>
  );
}

type Column = "description" | "field" | "value" | "tokens";
type Open = { what: "form"; filter: { value: QueryFilter; etag: string | null } | null } | { what: "delete"; filter: QueryFilter };

export function FiltersPage(props: { page: Page }) {
  const { page } = props;
  const { value, error, again } = useFetched(async () => {
    const [filters, tokens] = await Promise.all([api.filters(), api.tokens()]);
    return { filters, tokens };
  });
  const [search, set_search] = useState("");
  const [sort, set_sort] = useState<{ by: Column; down: boolean }>({ by: "field", down: false });
  const [open, set_open] = useState<Open | null>(null);
  const [failed, set_failed] = useState<unknown>(null);
  const using = (filter: QueryFilter) => (value?.tokens ?? []).filter((token) => token.filters?.includes(filter.id));
  const wanted = search.trim().toLowerCase();
  const key = (filter: QueryFilter) => (sort.by === "tokens" ? using(filter).length : filter[sort.by].toLowerCase());
  const found = (value?.filters ?? [])
    .filter((filter) => `${filter_words(filter)} ${filter.description}`.toLowerCase().includes(wanted))
    .sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id) * (sort.down ? -1 : 1));
  const pages = usePages(found, [wanted]);
  const done = (text: string) => { set_open(null); page.say(text); void again(); };
  const edit = async (filter: QueryFilter) => {
    set_failed(null);
    try { set_open({ what: "form", filter: await api.filter(filter.id) }); } catch (wrong) { set_failed(wrong); }
  };
  const head = { sort, onSort: set_sort };
  return (
    <>
      <div class="page-head">
        <div><h1>Filters</h1><p class="subdued">A filter is one field with one exact value. Tokens are made of them.</p></div>
        {page.session.mayWrite && <Button kind="primary" disabled={!value} onClick={() => set_open({ what: "form", filter: null })}>+ New filter</Button>}
      </div>
      <Wrong error={failed} />
      {error ? <><Wrong error={error} title="The filters cannot be shown" /><Button onClick={again}>Try again</Button></> : !value ? <Loading what="filters" /> : value.filters.length === 0 ? (
        <Empty title="No filters yet">
          <p>Make one here, or on the spot when you make a token.</p>
          {page.session.mayWrite && <Button kind="primary" onClick={() => set_open({ what: "form", filter: null })}>Make the first one</Button>}
        </Empty>
      ) : (
        <>
          <div class="tools">
            <input type="search" aria-label="Search filters" placeholder="Search by field, value or description" value={search} onInput={(event) => set_search(event.currentTarget.value)} />
            <span class="subdued" role="status">{plural(found.length, "filter")}</span>
          </div>
          {found.length === 0 ? <Empty title="Nothing found"><Button onClick={() => set_search("")}>Show all</Button></Empty> : (
            <table class="cards">
              <caption class="unseen">Filters</caption>
              <thead><tr>
                <SortHead name="field" {...head}>Field</SortHead><SortHead name="value" {...head}>Value</SortHead><SortHead name="description" {...head}>Description</SortHead>
                <SortHead name="tokens" {...head}>Used by</SortHead><th scope="col"><span class="unseen">Actions</span></th>
              </tr></thead>
              <tbody>
                {pages.shown.map((filter) => {
                  const tokens = using(filter);
                  return (
                    <tr key={filter.id}>
                      <th scope="row" data-label="Field"><span class="code">{filter.field}</span></th>
                      <td data-label="Value"><span class="code">{filter.value}</span></td>
                      <td data-label="Description">{filter.description || <span class="subdued">None</span>}</td>
                      <td data-label="Used by">{tokens.length === 0 ? <span class="subdued">No token</span> : <>{tokens.slice(0, 3).map((token) => token.name).join(", ")}{tokens.length > 3 && ` and ${count(tokens.length - 3)} more`}</>}</td>
                      <td class="actions">
                        {page.session.mayWrite && (
                          <>
                            <Button small kind="text" label={`Edit ${filter_words(filter)}`} onClick={() => edit(filter)}>Edit</Button>
                            <Button small kind="text" label={`Delete ${filter_words(filter)}`} onClick={() => set_open({ what: "delete", filter })}>Delete</Button>
                          </>
                        )}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          )}
          {pages.controls}
        </>
      )}
      {open?.what === "form" && value && (
        <FilterForm filter={open.filter} tokens={value.tokens} settings={page.settings} onClose={() => set_open(null)} onSaved={(filter) => done(`The filter ${filter_words(filter)} is saved`)} />
      )}
      {open?.what === "delete" && value && (
        <DeleteFilter filter={open.filter} tokens={value.tokens} settings={page.settings} onClose={() => set_open(null)} onDone={() => done(`The filter ${filter_words(open.filter)} is deleted`)} />
      )}
    </>
  );
}
