"""Random allowed requests over the whole language: the same seed gives the same request. What they are made of is in grammar/; here they are
put into everything that carries a search: bodies, parameters, several searches at once, pages, counts and reads by id.

A request is a row as harness.Case takes it. `pages` beside that: `scroll`, `pit` (search_after over a point in time) or `composite` (the pages of an
aggregation); all pages are compared. `used` names what it is made of.
"""
import json
import re

from grammar import FEATURES, SECTIONS, Draw, open_keys
import grammar.aggregations as aggregations
import grammar.queries  # registers the queries
import grammar.sections as sections

# Where OpenSearch fails over a `highlight_query` and not over the query itself, which the gate has to give as one: those of top_hits for
# queries on unmapped fields. Where it counts objects inside documents as a background (the gate counts documents), knows more_like_this for fewer kinds of
# fields than the query that stands for it, has no combined_fields (2.19), takes objects inside parents for parents in inner hits, and says what a
# percolate found even where it is of no matter (the query stands in a filter here). These are compared between the worlds only.
NOT_ITSELF = {"agg significant_terms", "agg significant_text", "query percolate", "query more_like_this", "query combined_fields"}
HIGHLIT = re.compile(r'"top_hits": .{0,500}"highlight"')


def is_not_itself(row, used):
    return bool(NOT_ITSELF & used) or {"query has_parent", "inner_hits"} <= used or HIGHLIT.search(as_text(row)) is not None


OPEN_KEYS = open_keys("body.cc", "kKeys")
SMALL = (False, False, ["trace"], ["trace", "team"])  # sources: most requests are about which documents there are


def indices(draw):
    return draw.pick(("{w}-logs-*", "{w}-logs-*", "{w}-logs-1", "{w}-logs-3", "{w}-logs-m", "{w}-logs-1,{w}-logs-3"))


def search_body(draw, aggs=0.5):
    """A search with its hits either all there or in a full order."""
    draw.queries_left = 14
    feature = next((name for name in sections.BODIES if draw.may(name, 0.04)), None)
    body = FEATURES[feature](draw) if feature else {"size": draw.pick((0, 100, 100)), "_source": draw.pick(SMALL)}
    if draw.chance(0.9):
        body["query"] = draw.query(3)
    if feature != "collapse" and draw.chance(aggs):
        body["aggs"] = draw.aggregations_of(2, most=3)
        if draw.only_top and draw.chance(0.12):
            body["aggs"]["top"] = draw.aggregation_of(draw.pick(draw.only_top), 2)
        if draw.chance(0.12):
            body["aggs"] |= aggregations.beside(draw)
    if body["size"] == 0:
        body.pop("_source")
        return body | draw.maybe({"track_total_hits": True}, 0.2)
    if not feature and draw.chance(0.3):
        body |= {"sort": section(draw, "sort"), "size": draw.pick((5, 20)), "from": draw.pick((0, 0, 3))}
    for name, share in (("_source", 0.08), ("fields", 0.1), ("docvalue_fields", 0.1), ("stored_fields", 0.02), ("highlight", 0.15), ("post_filter", 0.12),
                        ("track_total_hits", 0.2), ("version", 0.02), ("track_scores", 0.03), ("explain", 0.02), ("seq_no_primary_term", 0.02), ("profile", 0.02),
                        ("timeout", 0.02), ("stats", 0.02 if "stats" in OPEN_KEYS else 0)):
        if name == "stored_fields" and ("fields" in body or "docvalue_fields" in body):
            continue
        if draw.chance(share):
            body[name] = section(draw, name)
    if body.get("stored_fields") == "_none_":
        body.pop("_source", None)
        body.pop("highlight", None)
        body.pop("fields", None)
    if '"nested"' in json.dumps(body.get("sort", [])):
        body["track_total_hits"] = True  # anything less is refused
    if draw.may("script_fields", 0.04):
        body["script_fields"] = section(draw, "script_fields")
    return body


def section(draw, name):
    draw.used.append(f"key {name}")
    return SECTIONS[name](draw)


def parameters(draw):
    """Of an answer's form."""
    made = draw.maybe({"typed_keys": "true", "ignore_unavailable": "true", "request_cache": draw.pick(("true", "false")),
                       "allow_no_indices": "true", "expand_wildcards": "open", "preference": "me"}, 0.04)
    if draw.chance(0.05):
        made["filter_path"] = draw.pick(("hits.hits._id,hits.total", "-_shards", "aggregations,hits.total.value", "hits.hits.*,-hits.hits._source", "**.doc_count,**.value"))
    draw.used += [f"param {name}" for name in made]
    return made


def in_url(draw):
    """A search whose parts stand in the URL."""
    word = draw.word()
    made = {"q": draw.pick((word, f"service:ledger OR {word}", f"+{word} -level:error", "bytes:>50000", "_exists_:latency_ms")), "size": "100", "_source": "trace"}
    made |= draw.maybe({"df": "message", "default_operator": "AND", "lenient": "true", "analyze_wildcard": "true", "track_total_hits": "true",
                        "docvalue_fields": "bytes,level", "_source_excludes": "tags", "_source_includes": "t*"}, 0.15)
    if draw.chance(0.4):
        made |= {"sort": draw.pick(("trace", "bytes:desc,trace:asc", "level:asc,trace:desc")), "size": "7", "from": draw.pick(("0", "4"))}
    if draw.chance(0.2):
        made["routing"] = draw.pick(("d000", "d009", "me"))
    draw.used += [f"param {name}" for name in made]
    return {"method": draw.pick(("GET", "POST")), "path": f"/{indices(draw)}/_search", "params": made}


def count(draw):
    row = {"path": f"/{indices(draw)}/_count", "body": {"query": draw.query(3)}}
    return row if draw.chance(0.8) else row | {"body": None, "params": {"q": draw.word()}}


def multi_search(draw):
    lines = []
    for _ in range(draw.between(1, 4)):
        lines += [{} if draw.chance(0.5) else {"index": indices(draw)}, search_body(draw, aggs=0.3)]
    return {"path": "/{w}-logs-*/_msearch", "lines": lines, "params": draw.maybe({"typed_keys": "true"}, 0.05)}


def document(draw):
    params = draw.maybe({"_source": draw.pick(("false", "trace,user.*")), "_source_excludes": "tags", "stored_fields": "bytes", "realtime": "false"}, 0.1)
    if draw.chance(0.6):
        path = draw.pick(("_doc", "_doc", "_source"))
        if path == "_source":
            params.pop("stored_fields", None)
            if params.get("_source") == "false":
                params.pop("_source")
        return {"method": draw.pick(("GET", "GET", "HEAD")), "path": f"/{{w}}-logs-{draw.pick('1m')}/{path}/{draw.pick(sections.IDS)}", "params": params}
    wanted = [{"_index": f"{{w}}-logs-{draw.pick('1m')}", "_id": draw.pick(sections.IDS)} | draw.maybe({"_source": draw.pick((False, ["bytes"]))}, 0.2)
              for _ in range(draw.between(1, 5))]
    return {"path": "/_mget", "body": {"docs": wanted}}


def paged(draw):
    kind = draw.pick(("scroll", "pit", "composite"))
    draw.used.append(f"pages {kind}")
    body = {"size": draw.pick((9, 25, 40)), "query": draw.query(2), "_source": draw.pick(SMALL), "sort": section(draw, "sort")}
    if '"nested"' in json.dumps(body["sort"]):
        body["track_total_hits"] = True
    if kind == "composite":
        body = {"size": 0, "query": body["query"], "aggs": {"pages": draw.aggregation_of("composite", 1)}}
        body["aggs"]["pages"]["composite"]["size"] = draw.between(5, 30)
    elif draw.chance(0.2):
        body["aggs"] = draw.aggregations_of(1)
    if kind == "pit":
        return {"path": "/_search", "open": f"/{indices(draw)}/_search/point_in_time?keep_alive=1m", "body": body, "pages": kind}
    return {"path": f"/{indices(draw)}/_search", "params": {"scroll": "1m"} if kind == "scroll" else {}, "body": body, "pages": kind}


def search(draw):
    row = {"path": f"/{indices(draw)}/_search", "body": search_body(draw), "params": parameters(draw)}
    if draw.chance(0.1) and "size" in row["body"]:
        row["params"]["size"] = str(row["body"].pop("size"))
    if draw.chance(0.04) and row["body"].get("track_total_hits", True) is True:
        row["params"]["rest_total_hits_as_int"] = "true"
    return row if draw.chance(0.9) else row | {"method": "GET"}


CARRIERS = ((search, 74), (multi_search, 6), (count, 6), (in_url, 5), (document, 4), (paged, 5))


def request(seed, features=frozenset()):
    """The row of a case. `features`: what the engine answers of grammar.FEATURES (exchange.open_features)."""
    draw = Draw(seed, features)
    makers, weights = zip(*CARRIERS)
    maker = draw.rng.choices(makers, weights)[0]
    draw.used.append(f"carrier {maker.__name__}")
    row = maker(draw)
    if is_not_itself(row, set(draw.used)):
        row |= {"direct": False, "why": "see is_not_itself"}
    return {"name": f"seed {seed}", "used": sorted(set(draw.used))} | {key: value for key, value in row.items() if value not in (None, {}) or key == "body"}


def as_text(row):
    return json.dumps(row, ensure_ascii=False)
