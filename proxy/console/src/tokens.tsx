// The page of shared tokens: what there is, and everything that can be done with one.
import { useState } from "preact/hooks";
import { api, type Link, type QueryFilter, type SharedToken } from "./api";
import type { Page } from "./main";
import { TokenForm } from "./token_form";
import { Badge, Button, Callout, Confirm, CopyButton, Dialog, Empty, Field, Loading, Menu, SortHead, useFetched, usePages, Wrong } from "./ui";
import { absolute, count, expires_soon, is_expired, logic_words, masked, plural, relative, state_of, token_filters, type State } from "./words";

type Column = "name" | "lastUsed" | "expirationDate" | "requests" | "denials";
const STATES: Record<State, ["good" | "bad" | "calm", string]> = { active: ["good", "Active"], disabled: ["calm", "Disabled"], expired: ["bad", "Expired"] };
const GRACES: [string, number][] = [["At once", 0], ["In an hour", 3600], ["In a day", 86_400], ["In a week", 604_800]];

function sorted(tokens: SharedToken[], sort: { by: Column; down: boolean }): SharedToken[] {
  const key = (token: SharedToken): number | string => {
    switch (sort.by) {
      case "name": return token.name.toLowerCase();
      case "lastUsed": return token.lastUsed ?? 0;
      case "expirationDate": return token.expirationDate ?? Infinity;
      default: return token[sort.by] ?? 0;
    }
  };
  const direction = sort.down ? -1 : 1;
  return [...tokens].sort((a, b) => { const [x, y] = [key(a), key(b)]; return (x < y ? -1 : x > y ? 1 : a.id - b.id) * direction; });
}

function Expires(props: { token: SharedToken }) {
  const at = props.token.expirationDate;
  if (at === null) return <>Never</>;
  return (
    <>
      {is_expired(props.token) ? <Badge tone="bad">Expired {relative(at)}</Badge> : expires_soon(props.token) ? <Badge tone="warn">Expires {relative(at)}</Badge> : <>{relative(at)}</>}
      <div class="subdued small">{absolute(at)}</div>
    </>
  );
}

export function Secret(props: { token: SharedToken }) {
  if (props.token.token === null) return <span class="subdued">shown once, when it was made</span>;
  return <span class="secret"><span class="code">{masked(props.token.token)}</span><CopyButton text={props.token.token} label={`Copy the token of ${props.token.name}`} /></span>;
}

/** The links of a token, once they are known. */
function useLinks(token: SharedToken) {
  return useFetched<Link[]>(() => api.links(token.id), [token.id]);
}

function WhatStops(props: { token: SharedToken; links: ReturnType<typeof useLinks> }) {
  const { value: links, error } = props.links;
  if (error) return <Wrong error={error} title="Its links are not known" />;
  if (!links) return <Loading what="its links" />;
  return (
    <>
      <p>Whoever has the token gets no more answers{links.length > 0 ? `, and ${plural(links.length, "link")} stop${links.length === 1 ? "s" : ""} working:` : "."}</p>
      {links.length > 0 && <ul>{links.map((link) => <li>{link.name || link.path} <span class="subdued">({link.kind})</span></li>)}</ul>}
      {links.length === 0 && <p class="subdued">It has no sharing links.</p>}
    </>
  );
}

function DeleteToken(props: { token: SharedToken; onClose: () => void; onDone: () => void }) {
  const links = useLinks(props.token);
  return (
    <Confirm title={`Delete ${props.token.name}?`} action="Delete token" danger waiting={!links.value && !links.error} onClose={props.onClose}
      onConfirm={async () => { await api.delete_token(props.token.id); props.onDone(); }}>
      <WhatStops token={props.token} links={links} />
      <p>This cannot be undone. {props.token.lastUsed ? `It was last used ${relative(props.token.lastUsed)}.` : "It has never been used."}</p>
    </Confirm>
  );
}

function DisableToken(props: { token: SharedToken; onClose: () => void; onDone: () => void }) {
  const links = useLinks(props.token);
  return (
    <Confirm title={`Disable ${props.token.name}?`} action="Disable" danger waiting={!links.value && !links.error} onClose={props.onClose}
      onConfirm={async () => { await api.patch_token(props.token.id, { enabled: false }, {}); props.onDone(); }}>
      <WhatStops token={props.token} links={links} />
      <p>It can be enabled again.</p>
    </Confirm>
  );
}

function RotateToken(props: { token: SharedToken; onClose: () => void; onDone: (token: SharedToken) => void }) {
  const [grace, set_grace] = useState(0);
  return (
    <Confirm title={`New secret for ${props.token.name}?`} action="Make a new secret" onClose={props.onClose}
      onConfirm={async () => props.onDone(await api.rotate_token(props.token.id, grace))}>
      <p>Filters, name and expiration stay. Its sharing links go on working; who uses the token itself needs the new one.</p>
      <Field label="The secret it has now ends" help={grace === 0 ? "Choose this if it may have leaked" : "Time to hand out the new one"}>
        {(ids) => <select {...ids} value={grace} onChange={(event) => set_grace(Number(event.currentTarget.value))}>{GRACES.map(([text, seconds]) => <option value={seconds}>{text}</option>)}</select>}
      </Field>
    </Confirm>
  );
}

function Made(props: { token: SharedToken; once: boolean; onClose: () => void; onShare: () => void }) {
  const { token } = props;
  return (
    <Dialog title={`${token.name} is ready`} onClose={props.onClose} footer={<><Button onClick={props.onShare}>Share a dashboard with it</Button><Button kind="primary" onClick={props.onClose}>Done</Button></>}>
      {props.once && <Callout tone="warn" title="Copy it now: it is shown this once" />}
      <p>Send it to who needs it. In a request it goes into <span class="code">Authorization: Bearer …</span></p>
      {token.token !== null && <p class="reveal"><span class="code">{token.token}</span> <CopyButton text={token.token} label="Copy the token">Copy</CopyButton></p>}
      {token.formerUntil && <p>The secret before works until {absolute(token.formerUntil)}.</p>}
      {(token.warnings ?? []).map((text) => <Callout tone="warn" title={text} />)}
    </Dialog>
  );
}

type Open =
  | { what: "form"; token: { value: SharedToken; etag: string | null } | null }
  | { what: "delete" | "disable" | "rotate" | "made"; token: SharedToken };

function Row(props: { token: SharedToken; filters: Map<number, QueryFilter>; page: Page; onEdit: () => void; onOpen: (open: Open) => void; onEnable: () => void }) {
  const { token, page } = props;
  const state = state_of(token);
  const chosen = token_filters(token, props.filters);
  const go = (place: string) => () => { location.hash = place; };
  const look = [
    { text: "Explain a request", choose: go(`#/explain?token=${token.id}`) },
    { text: "Audit", choose: go(`#/audit?token=${token.id}`) },
  ];
  const write = [
    { text: "Make a new secret", choose: () => props.onOpen({ what: "rotate", token }) },
    token.enabled === false ? { text: "Enable", choose: props.onEnable } : { text: "Disable", choose: () => props.onOpen({ what: "disable", token }) },
    ...look,
    { text: "Delete", danger: true, choose: () => props.onOpen({ what: "delete", token }) },
  ];
  return (
    <tr>
      <th scope="row" data-label="Name">{token.name || <span class="subdued">(no name)</span>} {token.limits && <Badge tone="calm">limits</Badge>}</th>
      <td data-label="Token"><Secret token={token} /></td>
      <td data-label="Shows" class="wide"><span class={`code${chosen.length === 0 ? " alarm" : ""}`}>{logic_words(chosen, token.filtersOperator, page.settings)}</span></td>
      <td data-label="Last used">{token.lastUsed === null ? <span class="subdued">Never</span> : <span title={absolute(token.lastUsed)}>{relative(token.lastUsed)}</span>}</td>
      <td data-label="Expires"><Expires token={token} /></td>
      <td data-label="State"><Badge tone={STATES[state][0]}>{STATES[state][1]}</Badge></td>
      <td data-label="Requests" class="right">{count(token.requests ?? 0)}</td>
      <td data-label="Denials" class="right">{count(token.denials ?? 0)}</td>
      <td class="actions">
        {page.session.mayWrite && <Button small kind="text" label={`Edit ${token.name}`} onClick={props.onEdit}>Edit</Button>}
        {page.session.mayWrite && <Button small kind="text" label={`Share ${token.name}`} onClick={go(`#/share?token=${token.id}`)}>Share</Button>}
        <Menu label={`More for ${token.name}`} items={page.session.mayWrite ? write : look} />
      </td>
    </tr>
  );
}

export function TokensPage(props: { page: Page }) {
  const { page } = props;
  const { value, error, again } = useFetched(async () => {
    const [tokens, filters] = await Promise.all([api.tokens(), api.filters()]);
    return { tokens, filters };
  });
  const [search, set_search] = useState("");
  const [state, set_state] = useState<State | "all">("all");
  const [sort, set_sort] = useState<{ by: Column; down: boolean }>({ by: "name", down: false });
  const [open, set_open] = useState<Open | null>(null);
  const [failed, set_failed] = useState<unknown>(null);
  const by_id = new Map((value?.filters ?? []).map((filter) => [filter.id, filter]));
  const wanted = search.trim().toLowerCase();
  const found = sorted((value?.tokens ?? []).filter((token) => {
    const chosen = token_filters(token, by_id);
    const text = `${token.name} ${logic_words(chosen, token.filtersOperator, page.settings)} ${chosen.map((filter) => filter.description).join(" ")}`;
    return (state === "all" || state_of(token) === state) && text.toLowerCase().includes(wanted);
  }), sort);
  const pages = usePages(found, [wanted, state]);
  const done = (text: string) => { set_open(null); page.say(text); void again(); };
  const attempt = async (work: () => Promise<void>) => {
    set_failed(null);
    try { await work(); } catch (wrong) { set_failed(wrong); }
  };
  const edit = (token: SharedToken) => attempt(async () => set_open({ what: "form", token: await api.token(token.id) }));
  const enable = (token: SharedToken) => attempt(async () => { await api.patch_token(token.id, { enabled: true }, { confirm: true }); done(`${token.name} works again`); });
  const head = { sort, onSort: set_sort };
  return (
    <>
      <div class="page-head">
        <div><h1>Shared tokens</h1><p class="subdued">Each shows its holder a part of your logs, read-only, until it expires.</p></div>
        {page.session.mayWrite && <Button kind="primary" disabled={!value} onClick={() => set_open({ what: "form", token: null })}>+ New shared token</Button>}
      </div>
      <Wrong error={failed} />
      {error ? <><Wrong error={error} title="The tokens cannot be shown" /><Button onClick={again}>Try again</Button></> : !value ? <Loading what="shared tokens" /> : (
        <>
          {value.tokens.length > 0 && (
            <div class="tools">
              <input type="search" aria-label="Search tokens" placeholder="Search by name or filter" value={search} onInput={(event) => set_search(event.currentTarget.value)} />
              <select aria-label="State" value={state} onChange={(event) => set_state(event.currentTarget.value as State | "all")}>
                <option value="all">All states</option><option value="active">Active</option><option value="disabled">Disabled</option><option value="expired">Expired</option>
              </select>
              <span class="subdued" role="status">{plural(found.length, "token")}</span>
            </div>
          )}
          {value.tokens.length === 0 ? (
            <Empty title="No shared tokens yet">
              <p>Make one, choose what it shows, and send it to whom you want to show that.</p>
              {page.session.mayWrite && <Button kind="primary" onClick={() => set_open({ what: "form", token: null })}>Make the first one</Button>}
            </Empty>
          ) : found.length === 0 ? <Empty title="Nothing found"><Button onClick={() => { set_search(""); set_state("all"); }}>Show all</Button></Empty> : (
            <table class="cards">
              <caption class="unseen">Shared tokens</caption>
              <thead><tr>
                <SortHead name="name" {...head}>Name</SortHead><th scope="col">Token</th><th scope="col">Shows</th>
                <SortHead name="lastUsed" {...head}>Last used</SortHead><SortHead name="expirationDate" {...head}>Expires</SortHead><th scope="col">State</th>
                <SortHead name="requests" right {...head}>Requests</SortHead><SortHead name="denials" right {...head}>Denials</SortHead><th scope="col"><span class="unseen">Actions</span></th>
              </tr></thead>
              <tbody>
                {pages.shown.map((token) => <Row key={token.id} token={token} filters={by_id} page={page} onOpen={set_open} onEdit={() => edit(token)} onEnable={() => enable(token)} />)}
              </tbody>
            </table>
          )}
          {pages.controls}
        </>
      )}
      {open?.what === "form" && value && (
        <TokenForm token={open.token} filters={value.filters} settings={page.settings} onClose={() => set_open(null)}
          onSaved={(token) => { if (open.token) { done(`${token.name} is saved`); } else { set_open({ what: "made", token }); void again(); } }} />
      )}
      {open?.what === "delete" && <DeleteToken token={open.token} onClose={() => set_open(null)} onDone={() => done(`${open.token.name} is deleted`)} />}
      {open?.what === "disable" && <DisableToken token={open.token} onClose={() => set_open(null)} onDone={() => done(`${open.token.name} is disabled`)} />}
      {open?.what === "rotate" && <RotateToken token={open.token} onClose={() => set_open(null)} onDone={(token) => { set_open({ what: "made", token }); void again(); }} />}
      {open?.what === "made" && <Made token={open.token} once={page.settings.reveal === "once"} onClose={() => set_open(null)} onShare={() => { location.hash = `#/share?token=${open.token.id}`; }} />}
    </>
  );
}
