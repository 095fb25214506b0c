"""The types of aggregations. Each function gives what stands behind the type's name; a member `below` is moved to where the aggregations
below it stand. `depth` is how deep those may go; 0 at most: none."""
from grammar import KEYWORDS, PIPELINES, PLAIN_NUMBERS, TERM_FIELDS, Aggregation, aggregation, pipeline

SINGLE = ("min", "max", "sum", "avg", "value_count")
FEW = ("service", "level", "user.name", "team", "relation", "host", "ok", "status")  # fields of few values


def order(draw):
    return draw.pick(({"_key": "asc"}, {"_key": "desc"}, {"_count": "desc"}, {"_count": "asc"}, [{"_count": "desc"}, {"_key": "desc"}]))


# --- metrics --------------------------------------------------------------------------------------------------------------


def script_values(draw):
    return {"script": {"source": draw.pick(("doc['bytes'].value * 2", "doc['status'].value", "doc['latency_ms'].size()")), "lang": "painless"}}


@aggregation("min", "max", "sum", "avg", "value_count", "stats", children=False)
def metric(draw, _):
    if draw.may("agg script", 0.15):
        return script_values(draw)
    return {"field": draw.pick(PLAIN_NUMBERS)} | draw.maybe({"missing": 4}, 0.1)


@aggregation("extended_stats", children=False)
def extended_stats(draw, _):
    return {"field": draw.pick(("status", "latency_ms", "cost", "ratio", "required_matches"))} | draw.maybe({"sigma": 3}, 0.2)


@aggregation("cardinality", children=False)
def cardinality(draw, _):
    return {"field": draw.pick(TERM_FIELDS + PLAIN_NUMBERS + ("client_ip", "@timestamp", "_id", "serial"))} | draw.maybe({"precision_threshold": 100}, 0.3)


@aggregation("median_absolute_deviation", children=False)
def deviation(draw, _):
    return {"field": draw.pick(("status", "latency_ms", "bytes"))}


@aggregation("percentiles", children=False)
def percentiles(draw, _):
    return {"field": draw.pick(("status", "latency_ms", "cost"))} | draw.maybe({"percents": [25, 50, 99.5], "keyed": False, "hdr": {"number_of_significant_value_digits": 3}}, 0.3)


@aggregation("percentile_ranks", children=False)
def percentile_ranks(draw, _):
    return {"field": draw.pick(("status", "latency_ms")), "values": [100, 300, 450.5]} | draw.maybe({"keyed": False}, 0.3)


@aggregation("weighted_avg", children=False)
def weighted_avg(draw, _):
    return {"value": {"field": draw.pick(("latency_ms", "cost")), "missing": 1}, "weight": {"field": draw.pick(("required_matches", "ratio")), "missing": 1}}


@aggregation("matrix_stats", children=False)
def matrix_stats(draw, _):
    return {"fields": draw.sample(("status", "latency_ms", "cost", "bytes"), 1, 3)} | draw.maybe({"missing": {"latency_ms": 100}}, 0.03)


@aggregation("geo_bounds", children=False)
def geo_bounds(draw, _):
    return {"field": "location"} | draw.maybe({"wrap_longitude": True}, 0.3)


@aggregation("geo_centroid", children=False)
def geo_centroid(_draw, _):
    return {"field": "location"}


@aggregation("top_hits", children=False)
def top_hits(draw, _):
    made = {"size": draw.between(1, 4), "sort": [{"bytes": draw.pick(("asc", "desc"))}, "trace"],
            "_source": draw.pick((False, ["trace", "team"], {"excludes": ["tags", "items", "attributes"]}))}
    if draw.chance(0.3):
        made |= draw.maybe({"docvalue_fields": ["status", "user.name"], "fields": ["bytes", "@timestamp"], "version": False, "from": 1,
                            "highlight": {"fields": {"message": {}}}}, 0.4)
    if draw.may("script_fields", 0.1):
        made["script_fields"] = {"twice": {"script": {"source": "doc['bytes'].value * 2"}}}
    return made


@aggregation("scripted_metric", children=False)
def scripted_metric(_draw, _):
    return {"init_script": "state.sum = 0L", "map_script": "state.sum += doc['bytes'].value", "combine_script": "return state.sum",
            "reduce_script": "long all = 0; for (s in states) { all += s } return all"}


# --- buckets by value -----------------------------------------------------------------------------------------------------


@aggregation("terms")
def terms(draw, depth):
    if draw.may("agg script", 0.05):
        return script_values(draw)
    field = draw.pick(TERM_FIELDS + ("status", "ok", "client_ip", "required_matches", "serial", "user.id", "items.sku", "@timestamp", "nothing"))
    made = {"field": field, "size": draw.pick((3, 50, 200)), "order": order(draw)} | draw.maybe({
        "min_doc_count": draw.between(1, 3), "show_term_doc_count_error": True, "execution_hint": draw.pick(("map", "global_ordinals")),
        "collect_mode": draw.pick(("breadth_first", "depth_first"))}, 0.15)
    if field in KEYWORDS and draw.chance(0.2):
        made |= draw.pick(({"include": list(KEYWORDS[field][:2])}, {"exclude": ".*e.*"}, {"include": "[a-l].*", "exclude": "l.*"}))
    if depth >= 0 and draw.chance(0.15):
        made["order"] = [{"by": draw.pick(("asc", "desc"))}, {"_key": "asc"}]
        made["size"] = 200
        made["below"] = {"by": Aggregation({draw.pick(("max", "sum")): {"field": draw.pick(("bytes", "cost"))}})}
    return made


@aggregation("rare_terms", children=False)
def rare_terms(draw, _):
    return {"field": draw.pick(("tags", "labels", "trace", "status", "url" if draw.chance(0.05) else "service")), "max_doc_count": draw.between(1, 5)}


@aggregation("multi_terms")
def multi_terms(draw, _):
    return {"terms": [{"field": name} for name in draw.sample(FEW, 2, 3)], "size": 400} | draw.maybe({"order": order(draw)}, 0.3)


@aggregation("significant_terms")
def significant_terms(draw, _):
    made = {"field": draw.pick(("tags", "level", "service", "labels")), "size": 500} | draw.maybe({
        "min_doc_count": draw.between(1, 4), draw.pick(("jlh", "gnd", "chi_square", "percentage")): {}}, 0.3)
    return made | draw.maybe({"background_filter": draw.query(1)}, 0.2)


@aggregation("significant_text", children=False)
def significant_text(draw, _):
    return {"field": "message", "size": 500} | draw.maybe({"min_doc_count": draw.between(1, 3), "filter_duplicate_text": False}, 0.3)


# --- buckets by interval and range ----------------------------------------------------------------------------------------


def below_histogram(draw, depth):
    """A metric and pipelines on it."""
    if depth < 0 or not draw.pipelines or not draw.chance(0.45):
        return {}
    below = {"m": Aggregation({draw.pick(("sum", "avg", "max")): {"field": draw.pick(("bytes", "cost"))}})}
    names = [name for name in draw.pipelines if PIPELINES_INSIDE.get(name)]
    for place, name in enumerate(draw.sample(names, 1, 2)):
        draw.used.append(f"agg {name}")
        below[f"p{place}"] = Aggregation({name: PIPELINES_INSIDE[name](draw)})
    return {"below": below}


@aggregation("histogram")
def histogram(draw, depth):
    field, intervals = draw.pick((("bytes", (10_000, 33_000)), ("latency_ms", (100, 250)), ("status", (50, 100)), ("cost", (1, 2.5))))
    made = {"field": field, "interval": draw.pick(intervals), "min_doc_count": draw.between(0, 1)} | draw.maybe({
        "offset": 1, "keyed": True, "missing": 7, "order": order(draw), "format": "0.0"}, 0.1)
    if draw.chance(0.1):
        made["extended_bounds"] = {"min": 0, "max": 100}
    below = below_histogram(draw, depth)
    return made | (below and {"min_doc_count": 0} | below)


@aggregation("date_histogram")
def date_histogram(draw, depth):
    made = {"field": draw.pick(("@timestamp", "@timestamp", "seen_at")), "min_doc_count": draw.between(0, 2)}
    made |= draw.pick(({"fixed_interval": draw.pick(("1d", "7d", "36h"))}, {"calendar_interval": draw.pick(("day", "1w", "month", "quarter"))}))
    made |= draw.maybe({"time_zone": draw.pick(("Europe/Berlin", "+05:30")), "keyed": True, "format": "yyyy-MM-dd", "order": order(draw), "offset": "+6h"}, 0.15)
    if draw.chance(0.1) and made["min_doc_count"] == 0:
        made |= {"extended_bounds": {"min": "2026-03-01", "max": "2026-04-05"}, "format": "yyyy-MM-dd"}
    below = below_histogram(draw, depth)
    return made | (below and {"min_doc_count": 0} | below)


@aggregation("auto_date_histogram")
def auto_date_histogram(draw, _):
    return {"field": "@timestamp", "buckets": draw.pick((5, 20, 100))} | draw.maybe({"time_zone": "Europe/Berlin", "minimum_interval": "hour"}, 0.2)


@aggregation("variable_width_histogram")
def variable_width_histogram(draw, _):
    return {"field": "bytes", "buckets": draw.between(2, 6)}


@aggregation("range")
def number_range(draw, _):
    return {"field": "latency_ms", "ranges": [{"to": 300}, {"from": 200, "to": 800, "key": "middle"}, {"from": 800}]} | draw.maybe({"keyed": True, "missing": 5}, 0.2)


@aggregation("date_range")
def date_range(draw, _):
    return {"field": "@timestamp", "ranges": [{"to": "2026-03-10"}, {"from": "2026-03-05", "to": "2026-03-20"}, {"from": draw.date()}]} | draw.maybe({
        "keyed": True, "time_zone": "Europe/Berlin", "format": "yyyy-MM-dd"}, 0.2)


@aggregation("ip_range")
def ip_range(draw, _):
    return {"field": "client_ip", "ranges": [{"to": "10.0.1.0"}, {"mask": "10.0.1.0/24"}, {"from": "10.0.2.0", "key": "rest"}]} | draw.maybe({"keyed": True}, 0.2)


@aggregation("geo_distance")
def geo_distance(draw, _):
    return {"field": "location", "origin": draw.point(), "unit": "km", "ranges": [{"to": 200}, {"from": 200, "to": 500}, {"from": 500}]} | draw.maybe({"keyed": True}, 0.2)


@aggregation("geohash_grid")
def geohash_grid(draw, _):
    return {"field": "location", "precision": draw.between(1, 5), "size": 1_000}


@aggregation("geotile_grid")
def geotile_grid(draw, _):
    return {"field": "location", "precision": draw.between(1, 9), "size": 1_000} | draw.maybe({
        "bounds": {"top_left": {"lat": 54, "lon": 9}, "bottom_right": {"lat": 49, "lon": 14}}}, 0.2)


@aggregation("composite")
def composite(draw, _):
    kinds = (
        lambda: {"terms": {"field": draw.pick(FEW)}}, lambda: {"terms": {"field": draw.pick(("labels", "tags")), "missing_bucket": True}},
        lambda: {"histogram": {"field": "bytes", "interval": 20_000}}, lambda: {"date_histogram": {"field": "@timestamp", "calendar_interval": "week"}},
        lambda: {"geotile_grid": {"field": "location", "precision": 4}})
    sources = [{f"s{place}": draw.pick(kinds)()} for place in range(draw.between(1, 3))]
    for source in sources:
        next(iter(next(iter(source.values())).values())).update(draw.maybe({"order": "desc"}, 0.3))
    return {"sources": sources, "size": draw.pick((4, 25, 500))}


# --- buckets by query, nested objects, threads ----------------------------------------------------------------------------


@aggregation("filter")
def filter_(draw, _):
    return draw.query(1)


@aggregation("filters")
def filters(draw, _):
    if draw.chance(0.3):
        return {"filters": [draw.query(0), draw.query(1)]}
    return {"filters": {"one": draw.query(1), "two": draw.query(0)}} | draw.maybe({"other_bucket": True, "other_bucket_key": "rest"}, 0.4)


@aggregation("adjacency_matrix", children=False)
def adjacency_matrix(draw, _):
    return {"filters": {"x": draw.query(0), "y": draw.query(1), "z": draw.query(0)}} | draw.maybe({"separator": "|"}, 0.2)


@aggregation("missing")
def missing(draw, _):
    return {"field": draw.pick(("incident", "latency_ms", "labels", "location", "nothing", "rank_low" if draw.chance(0.02) else "level"))}


@aggregation("nested")
def nested(draw, _):
    below = draw.pick((
        lambda: {"s": Aggregation({"terms": {"field": "items.sku", "size": 20}, "aggs": {"q": Aggregation({"sum": {"field": "items.qty"}})}})},
        lambda: {"s": Aggregation({"stats": {"field": "items.price"}})},
        lambda: {"s": Aggregation({"histogram": {"field": "items.qty", "interval": 2, "min_doc_count": draw.between(0, 1)}})},
        lambda: {"s": Aggregation({"terms": {"field": "items.sku"}, "aggs": {"back": Aggregation({
            "reverse_nested": {}, "aggs": {"level": Aggregation({"terms": {"field": draw.pick(FEW)}})}})}})}))()
    return {"path": "items", "below": below}


@aggregation("reverse_nested", children=False)
def reverse_nested(_draw, _):
    return {}


@aggregation("children")
def children(draw, _):
    return {"type": draw.pick(("reply", "note"))}


@aggregation("parent")
def parent(draw, _):
    return {"type": draw.pick(("reply", "note"))}


@aggregation("global")
def global_(_draw, _):
    return {}


@aggregation("sampler")
def sampler(_draw, _):
    return {"shard_size": 1_000}


@aggregation("diversified_sampler")
def diversified_sampler(draw, _):
    return {"shard_size": 1_000, "field": draw.pick(("service", "status")), "max_docs_per_value": 100}


# --- pipelines ------------------------------------------------------------------------------------------------------------


@pipeline("derivative")
def derivative(draw):
    return {"buckets_path": "m"} | draw.maybe({"gap_policy": "insert_zeros"}, 0.2)


@pipeline("cumulative_sum")
def cumulative_sum(_draw):
    return {"buckets_path": "m"}


@pipeline("serial_diff")
def serial_diff(draw):
    return {"buckets_path": draw.pick(("m", "_count")), "lag": draw.between(1, 3)}


@pipeline("moving_fn")
def moving_fn(draw):
    return {"buckets_path": "m", "window": draw.between(2, 5), "script": draw.pick(("MovingFunctions.max(values)", "MovingFunctions.unweightedAvg(values)"))}


@pipeline("moving_avg")
def moving_avg(_draw):
    return {"buckets_path": "m", "window": 3, "model": "simple"}


@pipeline("bucket_script")
def bucket_script(_draw):
    return {"buckets_path": {"of": "m", "count": "_count"}, "script": {"source": "params.of * 2 + params.count"}}


@pipeline("bucket_selector")
def bucket_selector(draw):
    return {"buckets_path": {"count": "_count"}, "script": f"params.count > {draw.between(0, 3)}"}


@pipeline("bucket_sort")
def bucket_sort(draw):
    return {"sort": [{"m": {"order": draw.pick(("asc", "desc"))}}, "_key"], "size": draw.between(1, 5)}


def of_buckets(name, **options):
    @pipeline(name, needs_histogram=False)
    def made(draw):
        return {"buckets_path": draw.pick(("h>m", "h>_count"))} | options
    return made


for _name in ("avg_bucket", "max_bucket", "min_bucket", "sum_bucket", "stats_bucket", "extended_stats_bucket", "percentiles_bucket"):
    of_buckets(_name)


def beside(draw):
    """A histogram and pipelines that stand beside it."""
    names = [name for name in draw.pipelines if not PIPELINES[name][1]]
    made = {"h": Aggregation({"date_histogram": {"field": "@timestamp", "fixed_interval": "3d"},
                              "aggs": {"m": Aggregation({"sum": {"field": draw.pick(("bytes", "cost"))}})}})}
    for place, name in enumerate(draw.sample(names, 1, 2)):
        draw.used.append(f"agg {name}")
        made[f"b{place}"] = Aggregation({name: PIPELINES[name][0](draw)})
    return made


PIPELINES_INSIDE = {name: function for name, (function, inside) in PIPELINES.items() if inside}
