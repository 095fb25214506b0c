// The page that says what the gate does with a request, and why a document shows.
import { useState } from "preact/hooks";
import { api, type Explanation, type Why } from "./api";
import type { Page } from "./main";
import { Badge, Button, Callout, Empty, Field, Loading, useFetched, Wrong } from "./ui";
import { parse_request, readable } from "./request_text";
import { filter_words } from "./words";

const EXAMPLE = `POST /logs-*/_search
{
  "query": {"match": {"message": "timed out"}},
  "size": 10
}`;

function Verdict(props: { verdict: Explanation }) {
  const { verdict } = props;
  if (verdict.outcome === "deny") {
    return (
      <Callout tone="bad" loud title={`Refused: ${verdict.status} ${verdict.code}`}>
        <p>{verdict.reason}</p>
        {verdict.detail && <p>{verdict.detail}</p>}
        {verdict.where && <p>At <span class="code">{verdict.where}</span></p>}
        <p class="subdued">Endpoint <span class="code">{verdict.route}</span></p>
      </Callout>
    );
  }
  if (verdict.outcome === "reply") {
    return <Callout tone="good" loud title={`Answered by Weir itself: ${verdict.status}`}><p class="subdued">The cluster is not asked.</p>{verdict.body && <pre tabIndex={0}>{verdict.body}</pre>}</Callout>;
  }
  const sent = verdict.upstream!;
  return (
    <>
      <Callout tone="good" loud title={`Sent on, as ${verdict.route}`}>
        <p>This is the exact request to the cluster. <mark class="inserted">What is marked so</mark> is put in by Weir.</p>
        {verdict.further && <p>Another request follows, made of the answer to this one.</p>}
      </Callout>
      <pre class="upstream" tabIndex={0} aria-label="Request to the cluster">
        <b>{sent.method} {sent.target}</b>{"\n"}{sent.contentType && `Content-Type: ${sent.contentType}\n`}{"\n"}
        {readable(sent.body, sent.inserted).map((piece) => (piece.inserted ? <mark class="inserted">{piece.text}</mark> : piece.text))}
      </pre>
    </>
  );
}

function WhyVerdict(props: { why: Why }) {
  const { why } = props;
  return (
    <Callout tone={why.visible ? "good" : "warn"} loud title={`${why.visible ? "Visible" : "Not visible"}: ${why.reason}`}>
      <ul class="plain">{why.filters.map((part) => <li><Badge tone={part.matches ? "good" : "bad"}>{part.matches ? "matches" : "does not match"}</Badge> <span class="code">{filter_words(part)}</span>{part.verdict && <div class="subdued">{part.verdict}</div>}</li>)}</ul>
    </Callout>
  );
}

export function ExplainPage(props: { page: Page }) {
  const { page } = props;
  const { value: tokens, error, again } = useFetched(api.tokens);
  const [chosen, set_chosen] = useState(Number(page.query.get("token")) || 0);
  const [text, set_text] = useState(EXAMPLE);
  const [verdict, set_verdict] = useState<Explanation | null>(null);
  const [document_name, set_document_name] = useState({ index: "", id: "" });
  const [why, set_why] = useState<Why | null>(null);
  const [failed, set_failed] = useState<unknown>(null);
  const [busy, set_busy] = useState(false);
  if (error) return <><h1>Explain</h1><Wrong error={error} title="The tokens cannot be shown" /><Button onClick={again}>Try again</Button></>;
  if (!tokens) return <><h1>Explain</h1><Loading what="tokens" /></>;
  if (tokens.length === 0) return <><h1>Explain</h1><Empty title="No shared tokens yet"><p>What the gate does with a request depends on who asks.</p></Empty></>;
  const token = chosen || tokens[0]!.id;
  const pasted = parse_request(text);
  const ask = async (work: () => Promise<void>) => {
    set_busy(true);
    set_failed(null);
    set_verdict(null);
    set_why(null);
    try { await work(); } catch (wrong) { set_failed(wrong); }
    set_busy(false);
  };
  const explain = () => ask(async () => set_verdict(await api.explain(token, pasted!)));
  const ask_why = () => ask(async () => set_why(await api.why(token, document_name)));
  return (
    <>
      <div class="page-head"><div><h1>Explain</h1><p class="subdued">What the gate does with a request of a token's holder, without doing it.</p></div></div>
      <div class="beside">
        <div>
          <form class="panel" onSubmit={(event) => { event.preventDefault(); void explain(); }}>
            <Field label="Shared token">
              {(ids) => <select {...ids} value={token} onChange={(event) => set_chosen(Number(event.currentTarget.value))}>{tokens.map((one) => <option value={one.id}>{one.name || `token ${one.id}`}</option>)}</select>}
            </Field>
            <Field label="Request" help="As in the console of Dashboards, raw HTTP, or a curl command" error={pasted ? undefined : "Begin with a method and a path, POST /logs-*/_search"}>
              {(ids) => <textarea {...ids} class="code" rows={12} spellcheck={false} value={text} onInput={(event) => set_text(event.currentTarget.value)} />}
            </Field>
            <Button kind="primary" submit busy={busy} disabled={!pasted}>Explain</Button>
          </form>
          <form class="panel" onSubmit={(event) => { event.preventDefault(); void ask_why(); }}>
            <h2>Why does a document show?</h2>
            <div class="row">
              <Field label="Index">{(ids) => <input {...ids} type="text" spellcheck={false} value={document_name.index} onInput={(event) => set_document_name({ ...document_name, index: event.currentTarget.value.trim() })} />}</Field>
              <Field label="Id">{(ids) => <input {...ids} type="text" spellcheck={false} value={document_name.id} onInput={(event) => set_document_name({ ...document_name, id: event.currentTarget.value.trim() })} />}</Field>
            </div>
            <Button submit busy={busy} disabled={!document_name.index || !document_name.id}>Ask</Button>
          </form>
        </div>
        <section aria-label="Verdict" aria-live="polite" class="panel">
          <h2>Verdict</h2>
          <Wrong error={failed} />
          {verdict ? <Verdict verdict={verdict} /> : why ? <WhyVerdict why={why} /> : !failed && <p class="subdued">Nothing asked yet.</p>}
        </section>
      </div>
    </>
  );
}
