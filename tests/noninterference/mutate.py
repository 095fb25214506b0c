"""Accepted requests with one forbidden thing put into them at a random place, at any depth: an unknown key, a type the engine denies, a field that counts
writes, a parameter, an index out of scope, a key given twice. Each has to be refused by the gate itself, and OpenSearch must not be asked."""
import copy
import json
import re
import urllib.parse

import exchange
import generator
import harness
from grammar import DENIED, ENGINE, Aggregation, Draw, Query

UNKNOWN = "weir_unknown"
COUNTERS = ("_seq_no", "_primary_term", "_version", "_routing", "_source", "_size", "_field_names", "_ignored", "_doc_count", "_nested_path", "*_no", "_s*")
FOREIGN = ("secrets-1", "{w}-logs-1,secrets-1", "*:{w}-logs-1", "<{w}-logs-{now/d}>", ".kibana", "x-logs-*", "{w}-logs-*,-{w}-logs-1,secrets-*")
KNOBS = (
    {"match": {"message": {"query": "quick", "max_expansions": 1}}}, {"match": {"message": {"query": "quick", "cutoff_frequency": 0.1}}},
    {"match_phrase_prefix": {"message": {"query": "qu", "max_expansions": 1}}}, {"fuzzy": {"message": {"value": "quick", "rewrite": "top_terms_1"}}},
    {"fuzzy": {"message": {"value": "quick", "max_expansions": 1}}}, {"prefix": {"message": {"value": "qu", "rewrite": "top_terms_boost_1"}}},
    {"query_string": {"query": "_seq_no:1"}}, {"query_string": {"query": "/a.*/ OR _seq_no:[0 TO 50]"}}, {"query_string": {"query": "quick~", "fuzzy_max_expansions": 1}},
    {"query_string": {"query": "fox", "fields": ["*_no"]}}, {"simple_query_string": {"query": "quick~1"}}, {"multi_match": {"query": "1", "fields": ["_seq_no"]}},
    {"range": {"_seq_no": {"gte": 1}}}, {"terms": {"_primary_term": [1]}}, {"regexp": {"message": {"value": "q.*", "rewrite": "top_terms_1"}}},
    {"script_score": {"query": {"match_all": {}}, "script": "1"}}, {"function_score": {"script_score": {"script": "1"}}},
    {"function_score": {"query": {"match": {"message": "fox"}}, "min_score": 0.5}},
    {"more_like_this": {"like": "fox", "fields": ["message"], "min_doc_freq": 5}}, {"rank_feature": {"field": "rank", "saturation": {}, UNKNOWN: 1}},
    {"script": {"script": {"id": "stored"}}}, {"terms": {"service": {"index": "secrets-1", "id": "1", "path": "service"}}},
    {"percolate": {"field": "watch", "index": "secrets-1", "id": "1"}}, None, 1, "match_all", {},
)
AGG_KNOBS = (
    {"terms": {"field": "tags", "min_doc_count": 0}}, {"multi_terms": {"terms": [{"field": "tags"}, {"field": "level"}], "min_doc_count": 0}},
    {"terms": {"field": "_seq_no"}}, {"max": {"field": "_version"}}, {"cardinality": {"field": "_routing"}}, {"terms": {"field": "tags", "size": 10_000_000}},
    {"date_histogram": {"field": "@timestamp", "fixed_interval": "1ms"}}, {"histogram": {"field": "bytes", "interval": 1, "extended_bounds": {"min": 0, "max": 100_000_000}}},
    {"top_hits": {"explain": True}}, {"top_hits": {"seq_no_primary_term": True}}, {"top_hits": {"sort": ["_seq_no"]}}, {"top_hits": {"docvalue_fields": ["_seq_no"]}},
    {"scripted_metric": {"map_script": "state.x = 1"}}, {"max": {"script": "_score"}}, None, [], {}, {"weir_unknown": {}},
)
BODY = {  # each is denied whatever else the body holds
    UNKNOWN: 1, "min_score": 1, "explain": True, "profile": True, "seq_no_primary_term": True, "rescore": {"query": {"rescore_query": {"match_all": {}}}},
    "ext": {"a": {}}, "suggest": {"s": {"text": "secre", "term": {"field": "message"}}}, "derived": {"team": {"type": "keyword", "script": {"source": "emit('acme')"}}},
    "search_pipeline": "p", "stats": ["a"], "include_named_queries_score": True, "terminate_after": 5, "aggs ": {},
    "sort": ["_seq_no"], "docvalue_fields": ["_seq_no"], "stored_fields": ["_s*_no", "_seq_no"], "from": 10_001, "size": 10_001, "track_total_hits": None,
    "runtime_mappings": {}, "knn": {}, "query ": {}, "Query": {}, "pit": {"id": "made up"}, "highlight": {"fields": {"message": {"type": "plain"}}},
}
PARAMETERS = (
    (UNKNOWN, "1"), ("explain", "true"), ("search_pipeline", "p"), ("suggest_field", "message"), ("min_score", "1"),
    ("source", "{}"), ("error_trace", "true"), ("index", "secrets-1"), ("seq_no_primary_term", "true"), ("format", "yaml"),
    ("phase_took", "true"), ("preference", "_only_nodes:x"), ("expand_wildcards", "all"),
    ("scroll", "1000d"), ("q", "_seq_no:1"), ("docvalue_fields", "_seq_no"), ("sort", "_seq_no:asc"), ("filter", "x"),
)


def searches_seen(node):
    """How many searches and reads the node has carried out."""
    total = node.json("GET", "/_stats/search,get?filter_path=_all.total")["_all"]["total"]
    return (total["search"]["query_total"], total["search"]["fetch_total"], total["search"]["scroll_total"],
            total["search"].get("point_in_time_total"), total["get"]["total"])


def denied_body_keys():
    """Of BODY, what the engine does not answer by now; a key it does not know stays."""
    text = (ENGINE / "dsl" / "section" / "body.cc").read_text() + (ENGINE / "dsl" / "section" / "hits.cc").read_text()
    opened = {name for name in BODY if re.search(rf'"{re.escape(name)}"', text) and name in ("ext", "suggest", "derived", "stats", "search_pipeline")
              and not re.search(rf'denied\("{name}"', text)}
    return sorted(BODY.keys() - opened)


BODY_KEYS = denied_body_keys()


def parts(value, kind, path=()):
    """The paths of all parts of the kind."""
    if isinstance(value, kind):
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in items:
        yield from parts(inside, kind, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def put(body, path, value):
    if path:
        at(body, path[:-1])[path[-1]] = value


def in_query(draw, body, path):
    """One change at a query. Returns its name."""
    node = at(body, path)
    inside = next(iter(node.values()), None)
    kind = draw.between(0, 5)
    if kind == 0 and isinstance(inside, dict):
        inside[UNKNOWN] = 1
        return "an unknown key in a query"
    if kind == 1:
        node["match_none" if "match_all" in node else "match_all"] = {}
        return "a second type in a query"
    if kind == 2:
        name = draw.pick(sorted(DENIED["query"]))
        put(body, path, {name: {}})
        return f"query {name}"
    if kind == 3:
        put(body, path, {"bool": {"must": [dict(node), {UNKNOWN: {}}]}})
        return "an unknown query beside one"
    if kind == 4:
        field = draw.pick(COUNTERS[:9])
        # `term` may ask for the names of a document's own ignored fields.
        types = ("prefix", "match", "wildcard") + (("term",) if field != "_ignored" else ())
        put(body, path, {draw.pick(types): {field: "1"}})
        return "a metadata field in a query"
    put(body, path, copy.deepcopy(draw.pick(KNOBS)))
    return "a knob or a shape in a query"


def in_aggregation(draw, body, path):
    node = at(body, path)
    kind = draw.between(0, 4)
    types = [name for name in node if name not in ("aggs", "meta")]
    if kind == 0 and isinstance(node[types[0]], dict):
        node[types[0]][UNKNOWN] = 1
        return "an unknown key in an aggregation"
    if kind == 1:
        node["min" if types[0] != "min" else "max"] = {"field": "bytes"}
        return "a second type in an aggregation"
    if kind == 2:
        node[UNKNOWN] = {}
        return "an unknown aggregation"
    if kind == 3:
        name = draw.pick(sorted(DENIED["agg"]))
        put(body, path, {name: {}})
        return f"agg {name}"
    put(body, path, copy.deepcopy(draw.pick(AGG_KNOBS)))
    return "a knob or a shape in an aggregation"


def twice(draw, row):
    """A key of any object given a second time: a matter of text."""
    body = row.pop("body")
    path = draw.pick([path for path in parts(body, dict) if at(body, path)])
    node = at(body, path)
    again = draw.pick(sorted(node))
    node[f"{UNKNOWN} again"] = 0
    spelt = json.dumps(again, ensure_ascii=draw.chance(0.5))
    if draw.chance(0.3):  # the same key in other letters
        spelt = f'"\\u{ord(again[0]):04x}{json.dumps(again)[2:]}' if ord(again[0]) < 0x80 and again[0] not in '"\\' else spelt
    row["text"] = json.dumps(body, ensure_ascii=False).replace(f'"{UNKNOWN} again"', spelt)
    return "a key given twice"


def plain_search(draw, seed, features):
    """A generated search of one request."""
    row = generator.request(seed, features)
    if "lines" in row:
        row["lines"] = row["lines"][:2]
        return row
    if "pages" in row or not row.get("body") or "_mget" in row["path"]:
        body = generator.search_body(draw)
        row = {"path": f"/{generator.indices(draw)}/_search", "body": body}
    return {key: value for key, value in row.items() if key in ("path", "method", "params", "body", "lines")}


def mutated(seed, features=frozenset()):
    """The row of a request that has to be refused; `mutation` says why."""
    draw = Draw(f"mutation {seed}", features)
    row = plain_search(draw, seed, features)
    row = {key: copy.deepcopy(value) for key, value in row.items() if key != "used"} | {"name": f"mutation {seed}"}
    body = row["lines"][1] if "lines" in row else row["body"]
    queries = [path for path in parts(body, Query) if path]
    aggs = [path for path in parts(body, Aggregation) if path]
    is_count = row["path"].endswith("_count")
    ways = []
    if queries:
        ways += [lambda: in_query(draw, body, draw.pick(queries))] * 6
    if aggs:
        ways += [lambda: in_aggregation(draw, body, draw.pick(aggs))] * 4
    if "lines" not in row:
        ways += [lambda: in_url(draw, row, is_count), lambda: out_of_scope(draw, row), lambda: twice(draw, row)]
    ways.append(lambda: in_body(draw, row, body, is_count))
    row["mutation"] = draw.pick(ways)()
    return row


def in_url(draw, row, is_count):
    name, value = draw.pick([parameter for parameter in PARAMETERS if not (is_count and parameter[0] in ("min_score", "scroll"))])
    row["params"] = row.get("params", {}) | {name: value}
    return f"param {name}"


def out_of_scope(draw, row):
    row["path"] = f"/{urllib.parse.quote(draw.pick(FOREIGN), safe='{}')}/{row['path'].rsplit('/', 1)[1]}"
    return "an index out of scope"


def in_body(draw, row, body, is_count):
    name = draw.pick([name for name in BODY_KEYS if not ("params" in row and name in row["params"])])
    if name in ("size", "from", "pit", "terminate_after") and not is_count:  # these may be refused for what stands beside them, or not at all
        body.pop("from", None)
        body.pop("aggs", None)
        row.get("params", {}).pop("size", None)
    body[name] = copy.deepcopy(BODY[name])
    return f"key {name.strip()}"


def check(row, worlds):
    """(a text that says what is wrong, or None; status; deny code). That OpenSearch is not asked is for the caller to see (searches_seen)."""
    answer = exchange.answers_of(row, worlds.holders["v"], "v")[0]
    if row["path"].endswith("_msearch") and answer.status == 200:  # one search, refused in its place
        item = json.loads(answer.body)["responses"][0]
        code, status = harness.error_code(item), item.get("status", 200)
    else:
        code, status = exchange.own_code(answer), answer.status
    refused = code is not None and not code.startswith("upstream.") and 400 <= status < 500
    return (None if refused else f"not refused: {row['mutation']}: {answer.status} {answer.body[:300].decode(errors='replace')}"), status, code
