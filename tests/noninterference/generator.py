"""Random allowed requests: the same seed gives the same requests. Sizes are above the number of visible documents or the order
is full, so that which of equal hits are cut off never matters."""
import random

KEYWORDS = {"service": ("checkout", "ledger", "payroll", "mergers", "aaa"), "level": ("info", "error", "fatal", "debug"),
            "user.name": ("ada", "bao", "mallory", "eve"), "labels": ("beta", "restricted", "日本語", "x?y", "*"), "team": ("acme", "evil", "acm", "ACME"),
            "incident": ("incident-a1", "incident-b1"), "trace": ("trace-001", "trace-002-a1")}
NUMBERS = {"status": (200, 599), "latency_ms": (0, 1_000_100), "bytes": (0, 10_000_000_100), "user.id": (9007199254740992, 9007199254740999)}
WORDS = ("quick", "fox", "the", "tea", "dog", "payment", "secretalpha", "zebra", "number7", "qui", "order", "retrying")


def field(rng):
    return rng.choice(list(KEYWORDS))


def number_range(rng):
    name = rng.choice(list(NUMBERS))
    low, high = sorted(rng.randint(*NUMBERS[name]) for _ in range(2))
    if rng.random() < 0.7 and name in ("latency_ms", "bytes"):  # where the visible documents are
        low, high = sorted(rng.randint(0, {"latency_ms": 1_000, "bytes": 100_000}[name]) for _ in range(2))
    return {"range": {name: {rng.choice(("gte", "gt")): low, rng.choice(("lte", "lt")): high}}}


def date_range(rng):
    year, month = rng.choice(((2026, 3), (2026, 3), (2026, 3), (2024, 6), (2031, 6)))
    return {"range": {"@timestamp": {"gte": f"{year}-{month:02d}-{rng.randint(1, 14):02d}", "lt": f"{year}-{month:02d}-{rng.randint(15, 28):02d}"}}}


def leaf(rng):
    name, word = field(rng), rng.choice(WORDS)
    misspelt = word[:-1] + rng.choice("abcxyz")
    return rng.choice((
        lambda: {"match_all": {}},
        lambda: {"term": {name: rng.choice(KEYWORDS[name])}},
        lambda: {"terms": {name: rng.sample(KEYWORDS[name], rng.randint(1, 2))}},
        lambda: {"prefix": {name: rng.choice(KEYWORDS[name])[:rng.randint(1, 4)]}},
        lambda: {"wildcard": {name: {"value": f"*{rng.choice('aeit')}*"}}},
        lambda: {"regexp": {"message": f"{word[:2]}[a-z]+"}},
        lambda: {"exists": {"field": rng.choice(("incident", "latency_ms", "location", "labels"))}},
        lambda: number_range(rng),
        lambda: number_range(rng),
        lambda: date_range(rng),
        lambda: {"match": {"message": {"query": f"{word} {rng.choice(WORDS)}", "operator": rng.choice(("and", "or"))}}},
        lambda: {"match": {"message": {"query": misspelt, "fuzziness": rng.choice((1, 2, "AUTO"))}}},
        lambda: {"match_phrase": {"message": {"query": rng.choice(("brown fox", "lazy fox", "the store")), "slop": rng.randint(0, 3)}}},
        lambda: {"match_phrase_prefix": {"message": rng.choice(("fox j", "brown f", "lazy d", "the s", "connection t"))}},
        lambda: {"match_bool_prefix": {"message": f"{word} {rng.choice('dfjq')}"}},
        lambda: {"multi_match": {"query": f"{word} {rng.choice(('info', 'ledger'))}", "type": rng.choice(("best_fields", "most_fields", "cross_fields")),
                                 "fields": ["message", "level", "service^2"]}},
        lambda: {"query_string": {"query": rng.choice((f"{word} OR level:error", f"+{word} -status:200", f"{misspelt}~1", f"bytes:[100 TO 50000] AND {word[:2]}*"))}},
        lambda: {"simple_query_string": {"query": rng.choice((f"{word} | fox", f"+{word} -tea", f"{word[:2]}*")), "fields": ["message"]}},
        lambda: {"ids": {"values": [f"d{rng.randrange(90):03d}" for _ in range(4)] + ["ha3", "hb3"]}},
        lambda: {"fuzzy": {"message": {"value": misspelt, "fuzziness": 1}}},
        lambda: {"nested": {"path": "items", "query": {"bool": {"must": [{"term": {"items.sku": rng.choice(("mug", "safe", "lamp"))}}],
                                                               "filter": [{"range": {"items.qty": {"gte": rng.randint(0, 9)}}}]}}}},
        lambda: {"geo_distance": {"distance": f"{rng.randint(50, 800)}km", "location": {"lat": rng.randint(-60, 60), "lon": rng.randint(-30, 30)}}},
    ))()


def query(rng, depth):
    kind = rng.random()
    if depth == 0 or kind < 0.3:
        return leaf(rng)
    if kind < 0.85:
        clauses = {name: [query(rng, depth - 1) for _ in range(rng.randint(1, 2))]
                   for name in ("must", "should", "must_not", "filter") if rng.random() < 0.45}
        if "should" in clauses and rng.random() < 0.5:
            clauses["minimum_should_match"] = rng.choice((0, 1, "50%"))
        return {"bool": clauses}
    return rng.choice((
        lambda: {"constant_score": {"filter": query(rng, depth - 1)}},
        lambda: {"dis_max": {"queries": [query(rng, depth - 1) for _ in range(2)], "tie_breaker": 0.3}},
        lambda: {"boosting": {"positive": query(rng, depth - 1), "negative": leaf(rng), "negative_boost": 0.3}},
    ))()


def metric(rng):
    return {rng.choice(("min", "max", "sum", "avg", "value_count", "stats", "cardinality")): {"field": rng.choice(list(NUMBERS)[:3])}}


def aggregation(rng, depth):
    if depth == 0 or rng.random() < 0.2:
        return metric(rng)
    bucket = rng.choice((
        lambda: {"terms": {"field": field(rng), "size": rng.choice((3, 50)), "order": rng.choice(({"_key": "asc"}, {"_count": "desc"}))}},
        lambda: {"terms": {"field": rng.choice(("status", "ok", "client_ip")), "size": 100}},
        lambda: {"date_histogram": {"field": "@timestamp", "fixed_interval": rng.choice(("1d", "7d")), "min_doc_count": rng.randint(0, 2)}},
        lambda: {"histogram": {"field": "bytes", "interval": rng.choice((10_000, 33_000)), "min_doc_count": rng.randint(0, 1)}},
        lambda: {"range": {"field": "latency_ms", "ranges": [{"to": 300}, {"from": 200, "to": 800}, {"from": 800}]}},
        lambda: {"filter": query(rng, 1)},
        lambda: {"filters": {"filters": {"one": query(rng, 1), "two": leaf(rng)}, "other_bucket": True}},
        lambda: {"missing": {"field": rng.choice(("incident", "latency_ms", "labels"))}},
        lambda: {"top_hits": {"size": 2, "sort": [{"bytes": "desc"}, "trace"], "_source": ["trace", "team"]}},
        lambda: {"nested": {"path": "items"}, "aggs": {"s": {"terms": {"field": "items.sku"}, "aggs": {"q": {"sum": {"field": "items.qty"}}}}}},
    ))()
    if "top_hits" not in bucket and "aggs" not in bucket and rng.random() < 0.8:
        bucket["aggs"] = {f"a{place}": aggregation(rng, depth - 1) for place in range(rng.randint(1, 2))}
    return bucket


def request(seed):
    """The row of a case, for harness.Case."""
    rng = random.Random(f"request {seed}")
    body = {"size": rng.choice((0, 100, 100))}
    if rng.random() < 0.9:
        body["query"] = query(rng, 3)
    if rng.random() < 0.6:
        body["aggs"] = {f"a{place}": aggregation(rng, 3) for place in range(rng.randint(1, 3))}
    if rng.random() < 0.3:
        body["sort"] = rng.choice((["trace"], [{"bytes": "desc"}, "trace"], [{"incident": {"order": "asc"}}, {"@timestamp": "desc"}, "trace"]))
        body["size"] = rng.choice((5, 20))
        body["from"] = rng.choice((0, 3))
    if rng.random() < 0.2:
        body["post_filter"] = leaf(rng)
    if rng.random() < 0.2:
        body["highlight"] = {"fields": {"*": {}}, "require_field_match": rng.random() < 0.5}
    if rng.random() < 0.3:
        body["track_total_hits"] = True
    if rng.random() < 0.3:
        body["_source"] = rng.choice((False, ["trace", "user.*"], {"excludes": ["items"]}))
    row = {"name": f"seed {seed}", "path": f"/{{w}}-logs-{rng.choice('13m***')}/_search", "body": body}
    if rng.random() < 0.1 and "query" in body:
        row |= {"path": row["path"].replace("_search", "_count"), "body": {"query": body["query"]}}
    return row
