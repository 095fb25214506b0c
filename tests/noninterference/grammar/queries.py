"""The types of queries. Each function gives what stands behind the type's name; `depth` is how deep queries in it may go."""
import base64
import json

from grammar import DATES, IDS, KEYWORDS, PHRASES, SKUS, TEXTS, WORDS, Query, query

SPANS = ("span_term", "span_near", "span_or", "span_not", "span_first", "span_containing", "span_within", "span_multi", "field_masking_span",
         "span_field_masking")


def common(draw):
    return draw.maybe({"boost": 1.5, "_name": lambda: f"n{draw.between(0, 3)}"}, 0.07)


def keyed(draw, field, options, short=None):
    """{field: options}, or its short form."""
    return {field: short} if short is not None and draw.chance(0.3) else {field: options | common(draw)}


# --- all and none ---------------------------------------------------------------------------------------------------------


@query("match_all")
def match_all(draw, _):
    return common(draw)


@query("match_none")
def match_none(draw, _):
    return common(draw)


# --- terms ----------------------------------------------------------------------------------------------------------------


@query("term")
def term(draw, _):
    if draw.chance(0.25):
        field, value = draw.number()
        return keyed(draw, field, {"value": value}, value)
    if draw.chance(0.15):
        field, value = draw.pick((("ok", True), ("client_ip", "10.0.0.0/16"), ("@timestamp", "2026-03-02"), ("valid", "2026-03-10"), ("ports", 120),
                                  ("attributes.color", "red"), ("attributes", "blue"), ("url", "/shop/mug/1.html"), ("message", draw.word()),
                                  ("_id", draw.pick(IDS)), ("nothing", "at all")))
        return keyed(draw, field, {"value": value}, value)
    field, value = draw.keyword()
    return keyed(draw, field, {"value": value} | draw.maybe({"case_insensitive": True}, 0.2), value)


@query("terms")
def terms(draw, _):
    if draw.may("terms lookup", 0.3):
        field = draw.pick(("service", "level", "labels", "tags"))
        return {field: {"index": f"{{w}}-logs-{draw.pick('13m')}", "id": draw.pick(IDS), "path": field}}
    field, _ = draw.keyword()
    if draw.chance(0.2):
        field, values = "status", [200, 404, 418]
        return {field: values} | common(draw)
    return {field: draw.sample(KEYWORDS[field], 1, 3)} | common(draw)


@query("terms_set")
def terms_set(draw, _):
    words = draw.sample(WORDS[:10], 1, 4)
    return {"message": {"terms": words, "minimum_should_match_field": draw.pick(("required_matches", "status"))} | common(draw)}


@query("ids")
def ids(draw, _):
    return {"values": draw.sample(IDS, 1, 5)} | common(draw)


@query("exists")
def exists(draw, _):
    return {"field": draw.pick(("incident", "latency_ms", "location", "labels", "items", "items.sku", "user", "us*", "watch", "relation", "shape", "rank",
                                "attributes", "attributes.color", "nothing", "title", "valid", "ports", "who", "serial"))} | common(draw)


@query("prefix")
def prefix(draw, _):
    field = draw.pick(("service", "trace", "tags", "message", "url", "host", "title"))
    value = draw.pick(("c", "check", "trace-0", "tag-1", "qu", "/shop/m", "we", "the", "secret", "l"))
    return keyed(draw, field, {"value": value} | draw.maybe({"case_insensitive": True, "rewrite": "constant_score"}, 0.2), value)


@query("wildcard")
def wildcard(draw, _):
    field = draw.pick(("service", "trace", "tags", "message", "url", "host", "message.keyword"))
    value = draw.pick(("*e*", "c*t", "*-0?", "?e*", "*shop*mug*", "tag-?7", "*", "qu*k", "*secret*"))
    return keyed(draw, field, {draw.pick(("value", "wildcard")): value} | draw.maybe({"case_insensitive": True}, 0.2), value)


@query("regexp")
def regexp(draw, _):
    field = draw.pick(("service", "trace", "message", "url", "title"))
    value = draw.pick(("[a-l].*", "trace-0[0-4].", "qu?[a-z]+k", ".*ed.*", "/shop/(mug|desk)/.*", "fo[xy]", "<1-90>", "@"))
    return keyed(draw, field, {"value": value} | draw.maybe({"case_insensitive": True, "flags": "ALL", "max_determinized_states": 10_000}, 0.2), value)


@query("fuzzy")
def fuzzy(draw, _):
    field = draw.pick(("message", "service", "title", "user.name"))
    value = draw.pick((draw.misspelt(), "ledgr", "chekout", "bap"))
    return keyed(draw, field, {"value": value} | draw.maybe({"fuzziness": draw.pick((0, 1, 2, "AUTO")), "prefix_length": 1, "transpositions": False}), value)


@query("range")
def number_or_date_range(draw, _):
    kind = draw.between(0, 9)
    if kind < 5:
        field, value = draw.number()
        _, other = draw.number((field,))
        low, high = sorted((value, other))
    elif kind < 8:
        field = draw.pick(DATES)
        low, high = sorted((draw.date(), draw.date()))
    else:
        field, low, high = draw.pick((("ports", 100, 400), ("valid", "2026-03-03", "2026-03-20"), ("client_ip", "10.0.0.0", "10.0.1.50"),
                                      ("service", "c", "m"), ("trace", "trace-010", "trace-060"), ("items.qty", 2, 5)))
    ends = draw.sample(((draw.pick(("gte", "gt")), low), (draw.pick(("lte", "lt")), high)), 1, 2)
    options = dict(ends) | common(draw)
    if field in DATES:
        options |= draw.maybe({"time_zone": "+02:00", "format": "yyyy-MM-dd"}, 0.15)
    if field in ("ports", "valid"):
        options |= draw.maybe({"relation": draw.pick(("intersects", "contains", "within"))}, 0.6)
    return {field: options}


# --- text -----------------------------------------------------------------------------------------------------------------


def text(draw):
    return " ".join(draw.sample(WORDS, 1, 3))


@query("match")
def match(draw, _):
    field, words = draw.pick(TEXTS + ("service", "labels")), text(draw)
    if draw.chance(0.3):
        return keyed(draw, field, {"query": draw.misspelt(), "fuzziness": draw.pick((1, 2, "AUTO"))})
    return keyed(draw, field, {"query": words} | draw.maybe({
        "operator": draw.pick(("and", "or")), "minimum_should_match": draw.pick((1, 2, "75%")), "zero_terms_query": draw.pick(("all", "none")),
        "analyzer": draw.pick(("standard", "whitespace", "keyword", "stop")), "lenient": True}, 0.2), words)


@query("match_phrase")
def match_phrase(draw, _):
    phrase = draw.pick(PHRASES)
    return keyed(draw, draw.pick(TEXTS), {"query": phrase} | draw.maybe({"slop": draw.between(0, 4), "analyzer": "standard"}), phrase)


@query("match_phrase_prefix")
def match_phrase_prefix(draw, _):
    phrase = draw.pick(("fox j", "brown f", "lazy d", "the s", "connection t", "order d", "quick b", "the sto"))
    return keyed(draw, draw.pick(TEXTS), {"query": phrase} | draw.maybe({"slop": draw.between(0, 2)}), phrase)


@query("match_bool_prefix")
def match_bool_prefix(draw, _):
    words = f"{draw.word()} {draw.pick('dfjqst')}"
    return keyed(draw, draw.pick(TEXTS), {"query": words} | draw.maybe({"operator": draw.pick(("and", "or")), "fuzziness": 1, "minimum_should_match": 1}, 0.2), words)


@query("multi_match")
def multi_match(draw, _):
    kind = draw.pick(("best_fields", "most_fields", "cross_fields", "phrase", "phrase_prefix", "bool_prefix"))
    fields = draw.sample(("message", "title^2", "brief", "mess*ge", "service", "level"), 1, 3)
    options = {"query": draw.pick((text(draw), f"{draw.word()} info", draw.pick(PHRASES))), "fields": fields, "type": kind}
    if kind in ("phrase", "phrase_prefix"):
        options |= {"slop": draw.between(0, 2), "fields": draw.sample(("message", "title^2", "brief"), 1, 2)}
    elif kind in ("best_fields", "most_fields"):
        options |= draw.maybe({"fuzziness": draw.pick((1, "AUTO")), "operator": "and", "tie_breaker": 0.5})
    return options | common(draw)


@query("combined_fields")
def combined_fields(draw, _):
    return {"query": text(draw), "fields": [draw.pick(("message", "message^2"))]} | draw.maybe({"operator": draw.pick(("and", "or"))}) | common(draw)


@query("query_string")
def query_string(draw, _):
    word, other = draw.word(), draw.word()
    words = draw.pick((
        f"{word} OR level:error", f"+{word} -status:200", f"{draw.misspelt()}~1", f"bytes:[100 TO 50000] AND {word[:2]}*", f'"{draw.pick(PHRASES)}"~2',
        f"title:({word} {other})^2", "_exists_:latency_ms", f"NOT {word}", "service:/[a-l].*/", "@timestamp:[2026-03-05 TO 2026-03-12}", f"mess\\*:{word}",
        "labels:\"eu west\"", "user.name:(ada OR bao)", "latency_ms:>500", "*", f"{word} && !{other}", "(level:warn level:error) AND ok:true", "client_ip:\"10.0.0.0/16\""))
    return {"query": words} | draw.maybe({
        "default_field": draw.pick(TEXTS), "default_operator": draw.pick(("AND", "OR")), "analyze_wildcard": True, "lenient": True,
        "minimum_should_match": 1, "phrase_slop": 1}, 0.25) | common(draw)


@query("simple_query_string")
def simple_query_string(draw, _):
    word, other = draw.word(), draw.word()
    words = draw.pick((f"{word} | {other}", f"+{word} -{other}", f"{word[:2]}*", f'"{draw.pick(PHRASES)}"', f"({word} + {other}) | tea", f"{word} {other}"))
    return {"query": words} | draw.maybe({
        "fields": draw.sample(("message", "title^3", "brief", "service"), 1, 3), "default_operator": draw.pick(("AND", "OR")), "lenient": True,
        "minimum_should_match": 1}, 0.5) | common(draw)


def rules(draw, depth):
    if depth == 0 or draw.chance(0.6):
        return {"match": {"query": draw.pick((*PHRASES, draw.word()))} | draw.maybe({"max_gaps": draw.between(0, 3), "ordered": True})}
    return {draw.pick(("all_of", "any_of")): {"intervals": [rules(draw, depth - 1) for _ in range(draw.between(1, 3))]}}


@query("intervals")
def intervals(draw, _):
    rule = rules(draw, 2)
    if draw.chance(0.2):
        options = next(iter(rule.values()))
        options["filter"] = {draw.pick(("not_containing", "before", "after", "not_overlapping", "containing")): rules(draw, 0)}
    return {"message": rule | common(draw)}


@query("more_like_this")
def more_like_this(draw, _):
    like = draw.pick(PHRASES) + " " + draw.word()
    return {"fields": ["message"], "like": draw.pick((like, [like])), "min_term_freq": 1, "min_doc_freq": 1, "max_query_terms": 10_000, "minimum_should_match": 1}


# --- queries around queries -----------------------------------------------------------------------------------------------


@query("bool", leaf=False)
def boolean(draw, depth):
    clauses = {}
    for name in ("must", "should", "must_not", "filter"):
        if draw.chance(0.45):
            clauses[name] = draw.query(depth) if draw.chance(0.2) else [draw.query(depth) for _ in range(draw.between(1, 2))]
    if "should" in clauses:
        clauses |= draw.maybe({"minimum_should_match": draw.pick((0, 1, 2, "50%", -1))})
    return clauses | draw.maybe({"adjust_pure_negative": True}, 0.05) | common(draw)


@query("constant_score", leaf=False)
def constant_score(draw, depth):
    return {"filter": draw.query(depth)} | common(draw)


@query("dis_max", leaf=False)
def dis_max(draw, depth):
    return {"queries": [draw.query(depth) for _ in range(draw.between(1, 3))]} | draw.maybe({"tie_breaker": 0.3}) | common(draw)


@query("boosting", leaf=False)
def boosting(draw, depth):
    return {"positive": draw.query(depth), "negative": draw.query(0), "negative_boost": 0.3} | common(draw)


@query("function_score", leaf=False)
def function_score(draw, depth):
    functions = [draw.pick((lambda: {"weight": 2}, lambda: {"filter": draw.query(0), "weight": 3}))() for _ in range(draw.between(1, 2))]
    return {"query": draw.query(depth), "functions": functions} | draw.maybe({"boost_mode": "sum", "score_mode": "max"})


@query("script_score", leaf=False)
def script_score(draw, depth):
    return {"query": draw.query(depth), "script": {"source": "1 + doc['status'].value"}}


@query("wrapper", leaf=False)
def wrapper(draw, depth):
    return {"query": base64.b64encode(json.dumps(draw.query(depth)).encode()).decode()}


@query("script")
def script(draw, _):
    return {"script": {"source": draw.pick(("doc['bytes'].value > params.least", "doc['latency_ms'].size() == 0 || doc['bytes'].value % 2 == params.least % 2",
                                            "doc['service'].value.length() > 6")), "lang": "painless", "params": {"least": draw.between(0, 90_000)}}}


# --- nested objects, threads, stored queries ------------------------------------------------------------------------------


def inner_hits(draw):
    draw.used.append("inner_hits")
    return {"name": f"h{draw.between(0, 10_000)}", "size": 20, "_source": draw.pick((False, True, ["trace", "*.sku"]))}


def nested_leaf(draw):
    return draw.pick((
        lambda: Query({"term": {"items.sku": draw.pick(SKUS)}}),
        lambda: Query({"range": {"items.qty": {"gte": draw.between(0, 9)}}}),
        lambda: Query({"range": {"items.price": {"lt": draw.between(0, 100)}}}),
        lambda: Query({"match": {"items.note": draw.pick(("box", "secret box", "in the"))}}),
        lambda: Query({"exists": {"field": "items.price"}}),
        lambda: Query({"match_all": {}})))()


@query("nested")
def nested(draw, _):
    inside = nested_leaf(draw) if draw.chance(0.6) else Query({"bool": {draw.pick(("must", "filter", "should")): [nested_leaf(draw), nested_leaf(draw)]}})
    options = {"path": "items", "query": inside} | draw.maybe({"score_mode": draw.pick(("avg", "sum", "max", "min", "none")), "ignore_unmapped": True}, 0.2)
    if draw.chance(0.15) and not draw.in_join:
        options["inner_hits"] = inner_hits(draw)
    return options | common(draw)


def joined(draw, depth, options):
    draw.in_join, before = True, draw.in_join
    options["query"] = draw.query(depth)
    draw.in_join = before
    if draw.chance(0.2) and not before:
        options["inner_hits"] = inner_hits(draw)
    return options | draw.maybe({"ignore_unmapped": True}, 0.1) | common(draw)


@query("has_child", leaf=False)
def has_child(draw, depth):
    return joined(draw, depth, {"type": draw.pick(("reply", "reply", "note"))} | draw.maybe({
        "score_mode": draw.pick(("none", "sum", "max")), "min_children": draw.between(1, 2), "max_children": draw.between(1, 3)}, 0.2))


@query("has_parent", leaf=False)
def has_parent(draw, depth):
    return joined(draw, depth, {"parent_type": "thread"} | draw.maybe({"score": draw.chance(0.5)}, 0.2))


@query("parent_id")
def parent_id(draw, _):
    return {"type": draw.pick(("reply", "note")), "id": draw.pick(("d000", "d009", "d018", "d001", "d010", "d036", "ha3", "d005"))} | common(draw)


@query("percolate")
def percolate(draw, _):
    document = {"message": draw.pick(PHRASES), "service": draw.pick(("ledger", "checkout")), "bytes": draw.between(0, 9_000), "latency_ms": draw.between(0, 900)}
    if draw.may("percolate by id", 0.3):
        return {"field": "watch", "index": f"{{w}}-logs-{draw.pick('13m')}", "id": draw.pick(IDS)}
    return {"field": "watch"} | draw.pick(({"document": document}, {"documents": [document, {"message": draw.word()}]})) | common(draw)


# --- places ---------------------------------------------------------------------------------------------------------------


@query("geo_distance")
def geo_distance(draw, _):
    return {"distance": f"{draw.between(50, 800)}km", "location": draw.point()} | draw.maybe({"distance_type": "plane", "validation_method": "STRICT"}, 0.1) | common(draw)


@query("geo_bounding_box")
def geo_bounding_box(draw, _):
    return {"location": {"top_left": {"lat": draw.between(52, 60), "lon": draw.between(5, 11)},
                         "bottom_right": {"lat": draw.between(-10, 51), "lon": draw.between(12, 25)}}} | common(draw)


@query("geo_polygon")
def geo_polygon(draw, _):
    return {"location": {"points": [{"lat": 40, "lon": 5}, {"lat": 60, "lon": draw.between(10, 14)}, {"lat": 45, "lon": 30}]}} | common(draw)


@query("geo_shape")
def geo_shape(draw, _):
    west, south = draw.between(8, 14), draw.between(49, 53)
    shape = draw.pick(({"type": "envelope", "coordinates": [[west, south + 3], [west + 3, south]]}, {"type": "point", "coordinates": [west + 0.5, south + 0.5]},
                       {"type": "polygon", "coordinates": [[[west, south], [west + 4, south], [west + 4, south + 4], [west, south]]]}))
    if draw.may("geo_shape lookup", 0.3):
        return {"shape": {"indexed_shape": {"index": f"{{w}}-logs-{draw.pick('13m')}", "id": draw.pick(IDS), "path": "shape"}}}
    if shape["type"] != "point" and draw.chance(0.4):
        return {"location": {"shape": shape, "relation": "intersects"}} | common(draw)
    return {"shape": {"shape": shape, "relation": draw.pick(("intersects", "within", "disjoint"))}} | common(draw)


@query("distance_feature")
def distance_feature(draw, _):
    return draw.pick(({"field": "@timestamp", "origin": "2026-03-15", "pivot": "7d"}, {"field": "location", "origin": [12, 52], "pivot": "100km"})) | common(draw)


@query("rank_feature")
def rank_feature(draw, _):
    function = draw.pick(({"saturation": {"pivot": 8}}, {"log": {"scaling_factor": 4}}, {"sigmoid": {"pivot": 7, "exponent": 0.6}}, {}))
    return {"field": draw.pick(("rank", "topics.politics", "topics.sport", "topics.secrets"))} | function | common(draw)


# --- spans: the words of one field by their places ------------------------------------------------------------------------


def span(draw, depth, field="message"):
    names = [name for name in draw.queries if name in SPANS and (depth > 0 or name == "span_term")]
    made = draw.query_of(draw.pick(names), depth) if names else Query({"span_term": {field: draw.word()}})
    options = made.get("span_term", {}).get(field) if "span_term" in made else next(iter(made.values()))
    if isinstance(options, dict):
        options.pop("boost", None)  # OpenSearch takes none inside another span
    return made


@query("span_term")
def span_term(draw, _):
    word = draw.word()
    return keyed(draw, "message", {"value": word}, word)


@query("span_multi")
def span_multi(draw, _):
    return {"match": Query(draw.pick(({"prefix": {"message": draw.pick(("qu", "th", "pa"))}}, {"wildcard": {"message": "*o?"}}, {"fuzzy": {"message": draw.misspelt()}},
                                      {"regexp": {"message": "[a-f]o.*"}})))}


@query("span_near")
def span_near(draw, depth):
    clauses = [span(draw, depth) for _ in range(draw.between(1, 3))]
    if "span_gap" in draw.queries and draw.chance(0.2):  # it stands between two others, in order
        clauses = [span(draw, 0), draw.query_of("span_gap", 0), span(draw, 0)]
        return {"clauses": clauses, "slop": 0, "in_order": True}
    return {"clauses": clauses, "slop": draw.between(0, 5), "in_order": draw.chance(0.5)} | common(draw)


@query("span_gap")
def span_gap(draw, _):
    return {"message": draw.between(1, 3)}


@query("span_or")
def span_or(draw, depth):
    return {"clauses": [span(draw, depth) for _ in range(draw.between(1, 3))]} | common(draw)


@query("span_not")
def span_not(draw, depth):
    return {"include": span(draw, depth), "exclude": span(draw, depth)} | draw.maybe({"pre": 1, "post": 1}, 0.2) | common(draw)


@query("span_first")
def span_first(draw, depth):
    return {"match": span(draw, depth), "end": draw.between(1, 6)} | common(draw)


@query("span_containing")
def span_containing(draw, depth):
    return {"big": span(draw, depth), "little": span(draw, depth)} | common(draw)


@query("span_within")
def span_within(draw, depth):
    return {"big": span(draw, depth), "little": span(draw, depth)} | common(draw)


@query("field_masking_span")
def field_masking_span(draw, depth):
    return {"query": span(draw, depth), "field": "message"} | common(draw)


@query("span_field_masking")
def span_field_masking(draw, depth):
    return field_masking_span(draw, depth)


