// What filters show, before anything is saved.
import { useEffect, useState } from "preact/hooks";
import { api, type Draft, type Preview } from "./api";
import { Callout, Loading, Wrong } from "./ui";
import { absolute, count, filter_words, plural } from "./words";

function Histogram(props: { preview: Preview }) {
  const { histogram, interval } = props.preview;
  if (histogram.length === 0) return null;
  const most = Math.max(1, ...histogram.map((part) => part.documents));
  const width = 100 / histogram.length;
  const day = (from: string) => from.slice(0, 16).replace("T", " ");
  const first = day(histogram[0]!.from);
  const last = day(histogram.at(-1)!.from);
  return (
    <figure class="histogram">
      <svg viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label={`Documents over time, from ${first} to ${last}, at most ${count(most)} in ${interval}`}>
        {histogram.map((part, at) => {
          const height = part.documents === 0 ? 0 : Math.max(0.6, (part.documents / most) * 30);
          return <rect x={at * width + width * 0.08} y={30 - height} width={width * 0.84} height={height}><title>{`${day(part.from)}: ${count(part.documents)}`}</title></rect>;
        })}
      </svg>
      <figcaption><span>{first}</span><span>per {interval}</span><span>{last}</span></figcaption>
    </figure>
  );
}

function time_of(source: Record<string, unknown>, field: string): string {
  const time = Date.parse(String(source[field]));
  return Number.isNaN(time) ? "" : absolute(time / 1000);
}

function Samples(props: { preview: Preview }) {
  const { newest, timeField } = props.preview;
  if (newest.length === 0) return null;
  return (
    <>
      <h3>Newest documents</h3>
      <ul class="samples">
        {newest.map((hit) => {
          const { [timeField]: _, ...rest } = hit._source ?? {};
          return (
            <li>
              <span class="sample-head">{time_of(hit._source ?? {}, timeField)} · {hit._index}</span>
              <span class="sample-body">{Object.entries(rest).map(([name, value]) => <><b>{name}</b> {typeof value === "string" ? value : JSON.stringify(value)} </>)}</span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Effects(props: { preview: Preview }) {
  const { filters, documentsInScope } = props.preview;
  if (filters.length === 0) return null;
  return (
    <>
      <h3>Each filter alone</h3>
      <ul class="effects">
        {filters.map((part) => (
          <li>
            <span class="code">{filter_words(part)}</span>
            <span class="bar" aria-hidden="true"><i style={{ width: `${documentsInScope ? (100 * part.documents) / documentsInScope : 0}%` }} /></span>
            <span>{count(part.documents)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

export function PreviewOf(props: { filters: number[]; drafts: Draft[]; operator: "AND" | "OR" }) {
  const [preview, set_preview] = useState<Preview | null>(null);
  const [error, set_error] = useState<unknown>(null);
  const [stale, set_stale] = useState(true);
  const [turn, set_turn] = useState(0);
  const wanted = JSON.stringify({
    filters: props.filters, drafts: props.drafts.map(({ field, value }) => ({ field, value })), filtersOperator: props.operator, samples: 5, intervals: 30,
  });
  useEffect(() => {
    set_stale(true);
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        set_preview(await api.preview(JSON.parse(wanted) as object, stop.signal));
        set_error(null);
      } catch (wrong) {
        if (stop.signal.aborted) return;
        set_error(wrong);
      }
      set_stale(false);
    }, 350);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [wanted, turn]);
  return (
    <section class={`preview${stale ? " stale" : ""}`} aria-label="Preview" aria-busy={stale}>
      <h3>Preview</h3>
      {error ? <><Wrong error={error} title="No preview" /><button type="button" class="button small" onClick={() => set_turn(turn + 1)}>Try again</button></>
        : !preview ? <Loading what="preview" /> : (
          <>
            <p class="big" role="status">
              <strong>{count(preview.documents)}</strong> {preview.documents === 1 ? "document" : "documents"} visible now
              <span class="subdued"> of {count(preview.documentsInScope)}, in {plural(preview.indices.length, "index", "indices")}</span>
            </p>
            <Histogram preview={preview} />
            {preview.warnings.map((warning) => <Callout tone={warning.code === "NO_FILTER" || warning.code === "MATCHES_EVERYTHING" ? "bad" : "warn"} title={warning.message} />)}
            <Effects preview={preview} />
            <Samples preview={preview} />
          </>
        )}
    </section>
  );
}
