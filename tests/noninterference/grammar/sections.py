"""The keys of a search body beside query and aggregations, and constructs that need the whole body."""
from grammar import FEATURES, IDS, PLAIN_NUMBERS, Query, feature, section

TIE_BREAK = "trace"


# --- sort -----------------------------------------------------------------------------------------------------------------


def one_sort(draw):
    direction = draw.pick(("asc", "desc"))
    kinds = [
        lambda: draw.pick(("service", "bytes", "@timestamp")),
        lambda: {draw.pick(PLAIN_NUMBERS): direction},
        lambda: {draw.pick(("level", "host", "seen_at", "ok", "client_ip", "serial", "user.id")): {"order": direction}},
        lambda: {draw.pick(("incident", "latency_ms")): {"order": direction, "missing": draw.pick(("_last", "_first"))}},
        lambda: {"nothing": {"order": direction, "unmapped_type": "keyword"}},
        lambda: {draw.pick(("labels", "tags")): {"order": direction, "mode": draw.pick(("min", "max"))}},
        lambda: {"items.qty": {"order": direction, "mode": draw.pick(("min", "max", "sum", "avg")), "nested": {"path": "items"}}},
        lambda: {"items.price": {"order": direction, "nested": {"path": "items", "filter": Query({"term": {"items.sku": draw.pick(("mug", "safe"))}})}}},
        lambda: {"_geo_distance": {"location": draw.point(), "order": direction, "unit": "km"}},
        lambda: {"@timestamp": {"order": direction, "numeric_type": "date_nanos"}},
    ]
    if "script sort" in draw.features:
        kinds.append(lambda: {"_script": {"type": "number", "script": {"source": "doc['bytes'].value % 7"}, "order": direction}})
    return draw.pick(kinds)()


@section("sort")
def sort(draw):
    """A full order: the last key is unique."""
    return [one_sort(draw) for _ in range(draw.between(0, 2))] + [draw.pick((TIE_BREAK, {TIE_BREAK: "desc"}, {"_id": "asc"}))]


# --- what comes back of a hit ---------------------------------------------------------------------------------------------


@section("_source")
def source(draw):
    return draw.pick((False, True, "trace", ["trace", "user.*"], {"includes": ["*e"], "excludes": ["message"]}, {"excludes": ["tags", "items.*"]}))


@section("fields")
def fields(draw):
    return draw.sample(("bytes", "user.*", "@timestamp", "l*", "items.sku", "who", "items", "serial", "host", "t*", "location", "nothing", "incident",
                        {"field": "@timestamp", "format": "epoch_millis"}, {"field": "seen_at", "format": "yyyy-MM-dd"}), 1, 4)


@section("docvalue_fields")
def docvalue_fields(draw):
    return draw.sample(("bytes", "level", "user.name", "labels", "ok", "client_ip", "serial", "cost", "items.qty", "incident", "nothing",
                        {"field": "@timestamp", "format": "yyyy-MM-dd"}, {"field": "latency_ms", "format": "0.0"}), 1, 4)


@section("stored_fields")
def stored_fields(draw):
    return draw.pick(("_none_", ["bytes"], [], ["_source", "message"]))


@section("highlight")
def highlight(draw):
    """Fragments as they come: their order by score would follow the statistics of all documents."""
    chosen = draw.pick(({"message": {}}, {"*": {}}, {"message": {"type": "unified"}, "title": {"number_of_fragments": 0}}, {"mess*": {"fragment_size": 20}},
                        {"message": {"highlight_query": draw.query(1)}}, {"service": {}, "message": {"require_field_match": False}}, {"brief": {"no_match_size": 10}}))
    made = {"fields": chosen} | draw.maybe({"require_field_match": False, "encoder": "html",
                                             "type": "unified"}, 0.2)
    if draw.chance(0.1):
        made |= {"pre_tags": ["<b>"], "post_tags": ["</b>"]}
    return made | draw.maybe({"highlight_query": draw.query(1)}, 0.1)


@section("version")
def version(draw):
    return False


@section("track_scores")
def track_scores(draw):
    return draw.chance(0.5)


@section("explain")
def explain(_draw):
    return False


@section("seq_no_primary_term")
def seq_no_primary_term(_draw):
    return False


@section("profile")
def profile(_draw):
    return False


@section("stats")
def stats(_draw):
    return ["mine"]


@section("timeout")
def timeout(_draw):
    return "1m"


@section("track_total_hits")
def track_total_hits(draw):
    return draw.pick((True, True, False, 1_000))


@section("post_filter")
def post_filter(draw):
    return draw.query(2)


@section("script_fields")
def script_fields(draw):
    return {"made": {"script": {"source": draw.pick(("doc['bytes'].value * 2", "doc['service'].value + '/' + doc['level'].value", "doc['labels'].size()"))}}}


# --- what no table of types names -----------------------------------------------------------------------------------------


@feature("collapse")
def collapse(draw):
    made = {"field": draw.pick(("service", "status", "host"))}
    if draw.chance(0.4):
        made["inner_hits"] = {"name": "more", "size": draw.between(1, 4), "sort": [{"bytes": "desc"}, TIE_BREAK], "_source": ["trace"]}
    return {"size": 100, "collapse": made, "sort": sort(draw), "_source": False}


@feature("slice")
def slice_(draw):
    most = draw.between(2, 4)
    return {"size": 100, "_source": False, "slice": {"id": draw.between(0, most - 1), "max": most} | draw.maybe({"field": "bytes"}, 0.5)}


@feature("script_fields")
def with_script_fields(draw):
    return {"size": 100, "_source": False, "script_fields": script_fields(draw)}


@feature("script sort")
def with_script_sort(_draw):
    return {"size": 3, "sort": [{"_script": {"type": "number", "script": {"source": "doc['bytes'].value % 7"}}}, TIE_BREAK]}


@feature("agg script")
def with_agg_script(_draw):
    return {"size": 0, "aggs": {"a": {"sum": {"script": {"source": "doc['bytes'].value"}}}}}


@feature("terms lookup")
def with_terms_lookup(_draw):
    return {"query": Query({"terms": {"service": {"index": "{w}-logs-1", "id": IDS[0], "path": "service"}}})}


@feature("percolate by id")
def with_percolate_id(_draw):
    return {"query": Query({"percolate": {"field": "watch", "index": "{w}-logs-1", "id": IDS[0]}})}


@feature("geo_shape lookup")
def with_geo_shape_lookup(_draw):
    return {"query": Query({"geo_shape": {"shape": {"indexed_shape": {"index": "{w}-logs-1", "id": IDS[0], "path": "shape"}}}})}


BODIES = ("collapse", "slice")  # features that are whole requests, query and aggregations aside
assert set(BODIES) <= FEATURES.keys()
