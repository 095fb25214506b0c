// Numbers, times and filters in words.
import type { Draft, QueryFilter, Settings, SharedToken } from "./api";

export const count = (number: number) => number.toLocaleString("en");
export const plural = (number: number, one: string, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

export const absolute = (seconds: number) =>
  new Date(seconds * 1000).toLocaleString("en-GB", { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

const UNITS: [number, Intl.RelativeTimeFormatUnit][] = [[31_536_000, "year"], [2_592_000, "month"], [86_400, "day"], [3_600, "hour"], [60, "minute"]];
const relative_format = new Intl.RelativeTimeFormat("en", { numeric: "always" });

export function relative(seconds: number, now = Date.now() / 1000): string {
  const away = seconds - now;
  for (const [size, unit] of UNITS) {
    if (Math.abs(away) >= size) return relative_format.format(Math.round(away / size), unit);
  }
  return away > 0 ? "in less than a minute" : "just now";
}

export const is_expired = (token: SharedToken) => token.expirationDate !== null && token.expirationDate * 1000 <= Date.now();
/** A few days before the end there is still time to ask for more. */
export const expires_soon = (token: SharedToken) => token.expirationDate !== null && !is_expired(token) && token.expirationDate * 1000 - Date.now() < 3 * 86_400_000;

export type State = "active" | "disabled" | "expired";
export const state_of = (token: SharedToken): State => (token.enabled === false ? "disabled" : is_expired(token) ? "expired" : "active");

export const filter_words = (filter: { field: string; value: string }) => `${filter.field} is ${filter.value}`;

export function logic_words(filters: readonly (QueryFilter | Draft)[], operator: string, settings: Settings): string {
  if (filters.length === 0) return settings.unfiltered === "deny" ? "nothing: no filter" : "everything: no filter";
  return filters.map(filter_words).join(` ${operator} `);
}

export const token_filters = (token: SharedToken, filters: Map<number, QueryFilter>) =>
  (token.filters ?? []).flatMap((id) => filters.get(id) ?? []);

export const masked = (secret: string) => `${secret.slice(0, 4)}••••••••${secret.slice(-4)}`;

/** What a datetime-local input takes, in the browser's zone. */
export function local_input(seconds: number): string {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const message_of = (error: unknown) => (error instanceof Error ? error.message : String(error));
