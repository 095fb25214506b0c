// The page of what has been done: changes, and what holders were refused.
import { useEffect, useState } from "preact/hooks";
import { api, type AuditEntry } from "./api";
import type { Page } from "./main";
import { Badge, Button, Empty, Loading, useFetched, Wrong } from "./ui";
import { absolute, message_of, relative } from "./words";

const OPERATIONS: Record<string, string> = {
  createToken: "Token created", createTokens: "Token created", updateToken: "Token changed", patchToken: "Token changed", deleteToken: "Token deleted", rotateToken: "New secret",
  createFilter: "Filter created", updateFilter: "Filter changed", patchFilter: "Filter changed", deleteFilter: "Filter deleted", createLink: "Link made", revokeLink: "Link revoked",
};

const shown = (value: unknown) => (value === null || value === undefined ? "none" : typeof value === "string" ? value : JSON.stringify(value));

/** Which keys differ, and how. */
function Difference(props: { entry: AuditEntry }) {
  const before = props.entry.before ?? {};
  const after = props.entry.after ?? {};
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  if (keys.length === 0) return null;
  return (
    <details>
      <summary>Details</summary>
      <dl class="difference">
        {keys.map((key) => {
          const time = (value: unknown) => (/Date$|Until$|At$/.test(key) && typeof value === "number" ? absolute(value) : shown(value));
          return <div><dt>{key}</dt><dd>{props.entry.before && <del>{time(before[key])}</del>} {props.entry.after && <ins>{time(after[key])}</ins>}</dd></div>;
        })}
      </dl>
    </details>
  );
}

export function AuditPage(props: { page: Page }) {
  const { page } = props;
  const { value: tokens } = useFetched(api.tokens);
  const [token, set_token] = useState(page.query.get("token") ?? "");
  const [kind, set_kind] = useState("");
  const [entries, set_entries] = useState<AuditEntry[] | null>(null);
  const [next, set_next] = useState<number | null>(null);
  const [error, set_error] = useState("");
  const [busy, set_busy] = useState(false);
  const load = async (before: number | null) => {
    set_busy(true);
    try {
      const query = new URLSearchParams({ limit: "50", ...(token && { token }), ...(kind && { kind }), ...(before !== null && { before: String(before) }) });
      const found = await api.audit(query.toString());
      set_entries((now) => (before === null ? found.results : [...(now ?? []), ...found.results]));
      set_next(found.nextBefore);
      set_error("");
    } catch (wrong) {
      set_error(message_of(wrong));
    }
    set_busy(false);
  };
  useEffect(() => { void load(null); }, [token, kind]);
  const names = new Map((tokens ?? []).map((one) => [one.id, one.name]));
  const subject = (entry: AuditEntry) => {
    if (entry.token !== null) return names.get(entry.token) ?? shown((entry.before ?? entry.after)?.["name"] ?? `token ${entry.token}`);
    const filter = entry.after ?? entry.before;
    return filter && "field" in filter ? `${shown(filter["field"])} is ${shown(filter["value"])}` : entry.filter === null ? "" : `filter ${entry.filter}`;
  };
  return (
    <>
      <div class="page-head"><div><h1>Audit</h1><p class="subdued">Who changed what, and what holders were refused; newest first.</p></div></div>
      <div class="tools">
        <select aria-label="Token" value={token} onChange={(event) => set_token(event.currentTarget.value)}>
          <option value="">All tokens and filters</option>
          {(tokens ?? []).map((one) => <option value={String(one.id)}>{one.name || `token ${one.id}`}</option>)}
          {token && !names.has(Number(token)) && <option value={token}>token {token}</option>}
        </select>
        <select aria-label="Kind" value={kind} onChange={(event) => set_kind(event.currentTarget.value)}>
          <option value="">Changes and denials</option><option value="change">Changes</option><option value="denial">Denials</option>
        </select>
        <Button small busy={busy} onClick={() => load(null)}>Refresh</Button>
      </div>
      {error && <Wrong error={error} title="The audit cannot be shown" />}
      {entries === null ? !error && <Loading what="audit" /> : entries.length === 0 ? <Empty title="Nothing so far" /> : (
        <table class="cards">
          <caption class="unseen">Audit</caption>
          <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Token or filter</th><th scope="col">Who</th></tr></thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.id}>
                <td data-label="When"><span title={absolute(entry.at)}>{relative(entry.at)}</span><div class="subdued small">{absolute(entry.at)}</div></td>
                <td data-label="What">
                  {entry.kind === "denial" ? <><Badge tone="warn">Refused</Badge> <span class="code">{entry.code}</span> {entry.route !== "-" && <span class="subdued">{entry.route}</span>}</> : OPERATIONS[entry.operation ?? ""] ?? entry.operation}
                  {entry.widens && <> <Badge tone="bad">Widens</Badge></>}
                  <Difference entry={entry} />
                </td>
                <td data-label="Token or filter">{subject(entry)}</td>
                <td data-label="Who">{entry.kind === "denial" ? <span class="subdued">A holder</span> : `API token ${entry.apiToken ?? "?"}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {next !== null && <p><Button busy={busy} onClick={() => load(next)}>Older</Button></p>}
    </>
  );
}
