// The page on which a dashboard becomes a link: what, with which token, how; and the links there are.
import { useEffect, useState } from "preact/hooks";
import { api, type Link, type QueryFilter, type SavedObject, type SharedToken } from "./api";
import type { Page } from "./main";
import { TokenForm } from "./token_form";
import { Badge, Button, Callout, Confirm, CopyButton, Empty, Field, Loading, Suggest, useFetched, Wrong } from "./ui";
import { logic_words, plural, relative, state_of, token_filters } from "./words";

const when = (time: number | null) => (time === null ? "Never" : relative(time));

function What(props: { url: string; onUrl: (url: string) => void; onName: (name: string) => void }) {
  const [how, set_how] = useState<"paste" | "pick">("paste");
  const [search, set_search] = useState("");
  const [picked, set_picked] = useState<SavedObject | null>(null);
  const [found, set_found] = useState<SavedObject[]>([]);
  const suggest = async (text: string, signal: AbortSignal) => {
    const objects = await api.saved_objects(text, signal);
    set_found(objects);
    return objects.map((object) => ({ value: object.title, text: object.title, detail: object.type }));
  };
  const pick = (title: string) => {
    set_search(title);
    const object = found.find((one) => one.title === title) ?? null;
    set_picked(object);
    props.onUrl(object?.path ?? "");
    if (object) props.onName(object.title);
  };
  return (
    <fieldset>
      <legend>1. What to share</legend>
      <div class="choice" role="radiogroup" aria-label="How to say what to share">
        <label><input type="radio" name="how" checked={how === "paste"} onChange={() => { set_how("paste"); props.onUrl(""); }} />Paste an address</label>
        <label><input type="radio" name="how" checked={how === "pick"} onChange={() => { set_how("pick"); set_search(""); set_picked(null); props.onUrl(""); }} />Pick a saved object</label>
      </div>
      {how === "paste" ? (
        <Field label="Address in Dashboards" help="Copied from the browser's address bar: a dashboard, a visualization, a saved search, or Discover as it is">
          {(ids) => <input {...ids} type="text" spellcheck={false} value={props.url} placeholder="https://dashboards.example/app/dashboards#/view/…" onInput={(event) => props.onUrl(event.currentTarget.value.trim())} />}
        </Field>
      ) : (
        <Field label="Saved object" help={picked ? `${picked.type}, changed ${picked.updatedAt.slice(0, 10)}` : "Dashboards, visualizations and saved searches"}>
          {(ids) => <Suggest ids={ids} value={search} suggest={suggest} onValue={pick} />}
        </Field>
      )}
    </fieldset>
  );
}

function NewLink(props: { link: Link }) {
  const { link } = props;
  return (
    <Callout tone="good" loud title="The link is ready">
      {link.url === null ? <p>Its address cannot be shown: this Weir has no front, or shows secrets only once.</p> : (
        <>
          <p class="reveal"><span class="code">{link.url}</span> <CopyButton text={link.url} label="Copy the link">Copy link</CopyButton></p>
          {link.embed && <details><summary>Embed it in a page</summary><p class="reveal"><span class="code">{link.embed}</span> <CopyButton text={link.embed} label="Copy the snippet">Copy snippet</CopyButton></p></details>}
        </>
      )}
      {link.objects.length > 0 && <p class="subdued">Opens {link.objects.map((object) => object.title || object.id).join(", ")}.</p>}
    </Callout>
  );
}

function Links(props: { token: SharedToken; page: Page; changed: number }) {
  const { token, page } = props;
  const { value, error, again } = useFetched(() => api.links(token.id), [token.id, props.changed]);
  const [revoking, set_revoking] = useState<Link | null>(null);
  if (error) return <Wrong error={error} title="Its links cannot be shown" />;
  if (!value) return <Loading what="links" />;
  if (value.length === 0) return <Empty title={`No links with ${token.name} yet`} />;
  return (
    <>
      <table class="cards">
        <caption class="unseen">Links with {token.name}</caption>
        <thead><tr><th scope="col">Link</th><th scope="col">Kind</th><th scope="col">Made</th><th scope="col">Last used</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
        <tbody>
          {value.map((link) => (
            <tr key={link.id}>
              <th scope="row" data-label="Link">{link.name || "(no name)"}<div class="subdued small code">{link.path}</div></th>
              <td data-label="Kind"><Badge tone="calm">{link.kind}</Badge></td>
              <td data-label="Made">{when(link.createdAt)}</td>
              <td data-label="Last used">{when(link.lastUsed)}</td>
              <td class="actions">
                {link.url && <CopyButton text={link.url} label={`Copy the link ${link.name}`} />}
                {page.session.mayWrite && <Button small kind="text" label={`Revoke ${link.name}`} onClick={() => set_revoking(link)}>Revoke</Button>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {revoking && (
        <Confirm title={`Revoke ${revoking.name || "this link"}?`} action="Revoke link" danger onClose={() => set_revoking(null)}
          onConfirm={async () => { await api.delete_link(token.id, revoking.id); set_revoking(null); page.say("The link is revoked"); void again(); }}>
          <p>Whoever has it open sees nothing more, at once. The token and its other links go on.</p>
        </Confirm>
      )}
    </>
  );
}

export function SharePage(props: { page: Page }) {
  const { page } = props;
  const { value, error, again } = useFetched(async () => {
    const [tokens, filters] = await Promise.all([api.tokens(), api.filters()]);
    return { tokens, filters };
  });
  const [url, set_url] = useState("");
  const [name, set_name] = useState("");
  const [chosen, set_chosen] = useState<number>(Number(page.query.get("token")) || 0);
  const [kind, set_kind] = useState<"live" | "snapshot">("live");
  const [span, set_span] = useState({ from: "", to: "" });
  const [making, set_making] = useState(false);
  const [made, set_made] = useState<Link | null>(null);
  const [busy, set_busy] = useState(false);
  const [failed, set_failed] = useState<unknown>(null);
  useEffect(() => set_made(null), [url, chosen, kind]);
  if (error) return <><h1>Share</h1><Wrong error={error} title="The tokens cannot be shown" /><Button onClick={again}>Try again</Button></>;
  if (!value) return <><h1>Share</h1><Loading what="tokens" /></>;
  const by_id = new Map(value.filters.map((filter: QueryFilter) => [filter.id, filter]));
  const words = (token: SharedToken) => logic_words(token_filters(token, by_id), token.filtersOperator, page.settings);
  const token = value.tokens.find((one) => one.id === chosen);
  const usable = value.tokens.filter((one) => state_of(one) === "active" || one.id === chosen);
  const create = async () => {
    set_busy(true);
    set_failed(null);
    set_made(null);
    try {
      const times = kind === "snapshot" ? { ...(span.from && { timeFrom: new Date(span.from).toISOString() }), ...(span.to && { timeTo: new Date(span.to).toISOString() }) } : {};
      set_made(await api.create_link(chosen, { url, kind, ...(name.trim() && { name: name.trim() }), ...times }));
    } catch (wrong) {
      set_failed(wrong);
    }
    set_busy(false);
  };
  return (
    <>
      <div class="page-head"><div><h1>Share</h1><p class="subdued">A link opens one dashboard for whoever has it, and shows what its token shows.</p></div></div>
      <div class="beside">
        <form class="panel" onSubmit={(event) => { event.preventDefault(); void create(); }}>
          <What url={url} onUrl={set_url} onName={set_name} />
          <fieldset>
            <legend>2. With which token</legend>
            <Field label="Shared token" help={token ? <>Its holders see <span class="code">{words(token)}</span></> : "It decides which documents are shown"}>
              {(ids) => (
                <select {...ids} value={chosen} onChange={(event) => set_chosen(Number(event.currentTarget.value))}>
                  <option value={0}>Choose a token…</option>
                  {usable.map((one) => <option value={one.id}>{one.name} ({words(one)})</option>)}
                </select>
              )}
            </Field>
            <Button small onClick={() => set_making(true)}>+ New shared token</Button>
            {token && (token.filters ?? []).length === 0 && page.settings.unfiltered === "allow" && <Callout tone="bad" title="This token has no filter: the link shows everything" />}
          </fieldset>
          <fieldset>
            <legend>3. How</legend>
            <div class="choice" role="radiogroup" aria-label="Kind of link">
              <label><input type="radio" name="kind" checked={kind === "live"} onChange={() => set_kind("live")} />Live: follows the object and the time</label>
              <label><input type="radio" name="kind" checked={kind === "snapshot"} onChange={() => set_kind("snapshot")} />Snapshot: its time range is frozen</label>
            </div>
            {kind === "snapshot" && (
              <div class="row">
                <Field label="From" help="Empty: as in the address">{(ids) => <input {...ids} type="datetime-local" value={span.from} onInput={(event) => set_span({ ...span, from: event.currentTarget.value })} />}</Field>
                <Field label="To">{(ids) => <input {...ids} type="datetime-local" value={span.to} onInput={(event) => set_span({ ...span, to: event.currentTarget.value })} />}</Field>
              </div>
            )}
            <Field label="Name of the link" help="For the list of links; may be left empty">
              {(ids) => <input {...ids} type="text" maxLength={256} value={name} onInput={(event) => set_name(event.currentTarget.value)} />}
            </Field>
          </fieldset>
          <Button kind="primary" submit busy={busy} disabled={!url || !token || !page.session.mayWrite}>Get the link</Button>
          <Wrong error={failed} title="No link was made" />
          {made && <NewLink link={made} />}
        </form>
        <section class="panel" aria-label="Links">
          <h2>Links{token && <> with {token.name}</>}</h2>
          {token ? <Links token={token} page={page} changed={made?.id ?? 0} /> : <p class="subdued">Choose a token to see its links{value.tokens.length > 0 && `; there ${value.tokens.length === 1 ? "is" : "are"} ${plural(value.tokens.length, "token")}`}.</p>}
        </section>
      </div>
      {making && (
        <TokenForm token={null} filters={value.filters} settings={page.settings} onClose={() => set_making(false)}
          onSaved={async (token_made) => { await again(); set_chosen(token_made.id); set_making(false); page.say(`${token_made.name} is made`); }} />
      )}
    </>
  );
}
