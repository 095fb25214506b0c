// The Shared Tokens API as the pages use it. The session's cookie goes along by itself; the header says that the request is ours.

export interface SharedToken {
  id: number;
  name: string;
  token: string | null;
  filters: number[] | null;
  lastUsed: number | null;
  expirationDate: number | null;
  filtersOperator: "AND" | "OR";
  enabled?: false;
  limits?: Record<string, unknown>;
  formerUntil?: number | null;
  requests?: number;
  denials?: number;
  links?: number;
  warnings?: string[];
}

export interface QueryFilter {
  id: number;
  field: string;
  value: string;
  description: string;
  literal?: true;
}

/** A filter that is not stored yet. */
export interface Draft {
  field: string;
  value: string;
  description: string;
}

export interface Preview {
  documents: number;
  documentsInScope: number;
  indices: { index: string; documents: number }[];
  filters: { id?: number; field: string; value: string; documents: number; multiValued: boolean; exactIndices: number; excludedIndices: number; verdict?: string }[];
  timeField: string;
  interval: string;
  histogram: { from: string; documents: number }[];
  newest: { _index: string; _id: string; _source?: Record<string, unknown> }[];
  warnings: { code: string; message: string }[];
}

export interface FieldInfo {
  name: string;
  types: string[];
  exactIndices: number;
  otherIndices: number;
  why?: string;
  useInstead?: string;
}

export interface Explanation {
  outcome: "deny" | "forward" | "reply";
  route: string;
  status?: number;
  code?: string;
  where?: string;
  detail?: string;
  reason?: string;
  upstream?: { method: string; target: string; contentType?: string; body: string; inserted: { from: number; to: number }[] };
  further?: boolean;
  body?: string;
}

export interface Why {
  visible: boolean;
  inScope: boolean;
  filters: { field: string; value: string; matches: boolean; verdict?: string }[];
  reason: string;
}

export interface AuditEntry {
  id: number;
  at: number;
  kind: "change" | "denial";
  operation?: string;
  apiToken: number | null;
  token: number | null;
  filter: number | null;
  route?: string;
  code?: string;
  widens: boolean;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface Link {
  id: number;
  tokenId: number;
  name: string;
  kind: "live" | "snapshot";
  path: string;
  url: string | null;
  embed: string | null;
  objects: { type: string; id: string; title: string }[];
  createdAt: number | null;
  lastUsed: number | null;
}

export interface SavedObject {
  type: string;
  id: string;
  title: string;
  updatedAt: string;
  path: string;
}

export interface Session {
  account: string;
  apiToken: number;
  name: string;
  mayWrite: boolean;
  endsAt: number;
  idleSeconds: number;
}

export interface Settings {
  unfiltered: "allow" | "deny";
  reveal: "always" | "once";
  defaultTtl: number;
  maxFiltersPerToken: number;
  version: string;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly parameters: Record<string, string> = {},
  ) {
    super(message);
  }
}

export interface Options {
  etag?: string | null;
  confirm?: boolean;
  signal?: AbortSignal;
}

export interface Answer<T> {
  value: T;
  etag: string | null;
}

/** Resolves when somebody has signed in again. Set by the page that can ask for it. */
let sign_in_again: () => Promise<void> = () => Promise.reject(new Error("nobody asks"));
export const when_session_ends = (ask: () => Promise<void>) => {
  sign_in_again = ask;
};

async function send(method: string, path: string, body: unknown, options: Options): Promise<Response> {
  const headers: Record<string, string> = { "X-Weir-Console": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (options.etag) headers["If-Match"] = options.etag;
  const target = options.confirm ? path + (path.includes("?") ? "&" : "?") + "confirm=widen" : path;
  try {
    return await fetch(target, { method, headers, credentials: "same-origin", body: body === undefined ? null : JSON.stringify(body), signal: options.signal ?? null });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, "network", "Weir does not answer. Check your connection and try again.");
  }
}

async function failure(response: Response): Promise<ApiError> {
  try {
    const told = (await response.json()) as { message: string; errorCode: string; parameters: Record<string, string> };
    return new ApiError(response.status, told.errorCode, told.message, told.parameters);
  } catch {
    return new ApiError(response.status, "unknown", `Weir answered ${response.status}.`);
  }
}

/** When the session has ended this waits until somebody has signed in again, and goes on. Throws ApiError. */
export async function call<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<Answer<T>> {
  for (;;) {
    const response = await send(method, path, body, options);
    if (response.ok) {
      const text = await response.text();
      return { value: (text ? JSON.parse(text) : null) as T, etag: response.headers.get("ETag") };
    }
    const error = await failure(response);
    if (error.status !== 401) throw error;
    await sign_in_again();
  }
}

const value = async <T>(answer: Promise<Answer<T>>) => (await answer).value;
const TOKENS = "/v1/shared-tokens";
const FILTERS = "/v1/shared-tokens/filters";

export interface SignedIn {
  session: Session | null;
  settings: Settings | null;
}

async function session_call(method: string, body?: unknown): Promise<SignedIn> {
  const response = await send(method, "/console/session", body, {});
  if (!response.ok) throw await failure(response);
  return response.status === 204 ? { session: null, settings: null } : ((await response.json()) as SignedIn);
}

export const api = {
  session: () => session_call("GET"),
  sign_in: (secret: string) => session_call("POST", { apiToken: secret }),
  sign_out: () => session_call("DELETE"),

  tokens: () => value(call<SharedToken[]>("GET", TOKENS)),
  token: (id: number) => call<SharedToken>("GET", `${TOKENS}/${id}`),
  create_token: (body: object) => value(call<SharedToken>("POST", TOKENS, body)),
  patch_token: (id: number, body: object, options: Options) => value(call<SharedToken>("PATCH", `${TOKENS}/${id}`, body, options)),
  rotate_token: (id: number, grace: number) => value(call<SharedToken>("POST", `${TOKENS}/${id}/rotate`, { grace })),
  delete_token: (id: number) => value(call<null>("DELETE", `${TOKENS}/${id}`)),

  filters: () => value(call<QueryFilter[]>("GET", FILTERS)),
  filter: (id: number) => call<QueryFilter>("GET", `${FILTERS}/${id}`),
  create_filter: (draft: Draft) => value(call<QueryFilter>("POST", FILTERS, draft)),
  patch_filter: (id: number, body: object, options: Options) => value(call<QueryFilter>("PATCH", `${FILTERS}/${id}`, body, options)),
  delete_filter: (id: number, options: Options) => value(call<unknown>("DELETE", `${FILTERS}/${id}`, undefined, options)),

  preview: (body: object, signal?: AbortSignal) => value(call<Preview>("POST", `${TOKENS}/preview`, body, signal ? { signal } : {})),
  explain: (id: number, body: object) => value(call<Explanation>("POST", `${TOKENS}/${id}/explain`, body)),
  why: (id: number, body: object) => value(call<Why>("POST", `${TOKENS}/${id}/why`, body)),
  fields: (search: string, signal: AbortSignal) => value(call<{ fields: FieldInfo[]; more: boolean }>("GET", `/v1/fields?search=${encodeURIComponent(search)}`, undefined, { signal })),
  values: (field: string, search: string, signal: AbortSignal) =>
    value(call<{ values: { value: string; documents: number }[]; more: boolean }>(
      "GET", `/v1/fields/values?field=${encodeURIComponent(field)}&search=${encodeURIComponent(search)}`, undefined, { signal })),
  audit: (query: string) => value(call<{ results: AuditEntry[]; nextBefore: number | null }>("GET", `/v1/audit?${query}`)),

  links: (token: number) => value(call<Link[]>("GET", `${TOKENS}/${token}/links`)),
  create_link: (token: number, body: object) => value(call<Link>("POST", `${TOKENS}/${token}/links`, body)),
  delete_link: (token: number, link: number) => value(call<null>("DELETE", `${TOKENS}/${token}/links/${link}`)),
  saved_objects: (search: string, signal: AbortSignal) => value(call<SavedObject[]>("GET", `/v1/saved-objects?search=${encodeURIComponent(search)}&size=50`, undefined, { signal })),
};
