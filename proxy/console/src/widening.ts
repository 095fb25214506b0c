// What a change of a filter lets each of its tokens see that it did not see before. Counted by the gate itself.
import { api, type Draft, type QueryFilter, type Settings, type SharedToken } from "./api";

export interface Widened {
  token: SharedToken;
  /** Documents that were not visible and will be; null: it could not be counted. */
  more: number | null;
}

const documents = async (filters: number[], drafts: Draft[], filtersOperator: "AND" | "OR") =>
  (await api.preview({ filters, drafts: drafts.map(({ field, value }) => ({ field, value })), filtersOperator, samples: 0, intervals: 1 })).documents;

/** `after`: what the filter becomes, or null if it is deleted. */
async function newly_visible(token: SharedToken, filter: QueryFilter, after: Draft | null, settings: Settings): Promise<number> {
  const now = token.filters ?? [];
  const rest = now.filter((id) => id !== filter.id);
  const operator = token.filtersOperator;
  if (after === null) {
    if (rest.length === 0) return settings.unfiltered === "deny" ? 0 : (await documents([], [], "AND")) - (await documents(now, [], operator));
    return operator === "OR" ? 0 : (await documents(rest, [], "AND")) - (await documents(now, [], "AND"));
  }
  // AND: visible after, less what is visible both before and after. OR: visible before or after, less what is visible before.
  return operator === "AND"
    ? (await documents(rest, [after], "AND")) - (await documents(now, [after], "AND"))
    : (await documents(now, [after], "OR")) - (await documents(now, [], "OR"));
}

/** Counted for as many tokens as somebody would read about. */
export const MOST_COUNTED = 10;

export async function widened_by(filter: QueryFilter, after: Draft | null, tokens: SharedToken[], settings: Settings): Promise<Widened[]> {
  const using = tokens.filter((token) => token.filters?.includes(filter.id));
  const out: Widened[] = [];
  for (const [at, token] of using.entries()) {
    let more: number | null = null;
    if (at < MOST_COUNTED) {
      try {
        more = Math.max(0, await newly_visible(token, filter, after, settings));
      } catch {
        more = null;
      }
    }
    out.push({ token, more });
  }
  return out;
}
