"""What is sent and what is answered: requests as dashboards and scripts send them, answers as OpenSearch gives them, always the same."""
import dataclasses
import json
import random

# What every peer that rewrites has to put into each search; Weir has the same field and value as its token's filter.
FILTER = {"term": {"team": {"value": "payments"}}}
INDICES = ("logs-a1k", "logs-a16k", "logs-a256k", "logs-slow")
WORDS = ("connection reset by peer while reading response header from upstream timeout after retry checkout cart payment gateway "
         "replica shard primary segment flush merge queue worker thread pool rejected accepted session user basket order").split()


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    path: str
    body: bytes
    answer: str
    connections: int = 16

    @property
    def media_type(self):
        return "application/x-ndjson" if "_msearch" in self.path else "application/json"

    def head(self, token):
        """A head as clients of OpenSearch send it."""
        return (f"POST {self.path} HTTP/1.1\r\nHost: search.example:9200\r\nAccept: */*\r\nUser-Agent: opensearch-py/3.0.0 (Python 3.11.2)\r\n"
                f"Authorization: Bearer {token}\r\nContent-Type: {self.media_type}\r\nContent-Length: {len(self.body)}\r\n"
                "Connection: keep-alive\r\n\r\n").encode()


def encode(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def sentence(rng, words):
    return " ".join(rng.choice(WORDS) for _ in range(words))


def log_document(rng):
    return {"@timestamp": f"2026-11-{rng.randrange(1, 23):02}T{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}.{rng.randrange(1000):03}Z",
            "team": "payments", "level": rng.choice(("info", "warn", "error")), "service": rng.choice(("checkout", "cart", "ledger")),
            "status": rng.choice((200, 404, 500, 503)), "latency_ms": rng.randrange(1, 90_000) / 10, "host": {"name": f"web-{rng.randrange(40)}"},
            "message": sentence(rng, 14), "trace_id": f"{rng.getrandbits(128):032x}"}


def answer(index, size):
    """An answer to a search of about `size` bytes."""
    rng = random.Random(f"answer {index} {size}")
    hits = []
    whole = {"took": 7, "timed_out": False, "_shards": {"total": 3, "successful": 3, "skipped": 0, "failed": 0},
             "hits": {"total": {"value": 10_000, "relation": "gte"}, "max_score": 1.0, "hits": hits}}
    used = len(encode(whole))
    while used < size - 200:
        hits.append({"_index": index, "_id": f"{rng.getrandbits(120):030x}", "_score": 1.0, "_source": log_document(rng)})
        used += len(encode(hits[-1])) + 1
    return encode(whole)


def small_search():
    """0.5 kB: what a panel of a dashboard sends for its documents."""
    return encode({
        "size": 20, "sort": [{"@timestamp": {"order": "desc", "unmapped_type": "boolean"}}], "version": True, "_source": {"excludes": ["raw"]},
        "query": {"bool": {"must": [{"query_string": {"query": "status:>=500 AND service:checkout", "analyze_wildcard": True}}],
                           "filter": [{"match_phrase": {"region": {"query": "eu-central-1"}}},
                                      {"range": {"@timestamp": {"gte": "2026-11-20T22:00:00.000Z", "lte": "2026-11-22T21:59:59.999Z",
                                                                "format": "strict_date_optional_time"}}}],
                           "must_not": [{"match_phrase": {"agent": {"query": "health-check"}}}]}}})


def panel(number):
    """One panel of a dashboard: three levels of aggregations, no hits."""
    window = {"gte": "2026-11-15T00:00:00.000Z", "lte": "2026-11-22T00:00:00.000Z", "format": "strict_date_optional_time"}
    inner = {"1": {"avg": {"field": f"latency_{number}"}}, "4": {"percentiles": {"field": "bytes", "percents": [50, 95, 99], "keyed": False}}}
    middle = {"1": {"avg": {"field": f"latency_{number}"}},
              "3": {"date_histogram": {"field": "@timestamp", "fixed_interval": "3h", "time_zone": "UTC", "min_doc_count": 1}, "aggs": inner}}
    return {"size": 0, "track_total_hits": True, "docvalue_fields": [{"field": "@timestamp", "format": "date_time"}],
            "aggs": {"2": {"terms": {"field": "service.keyword", "order": {"1": "desc"}, "size": 5 + number}, "aggs": middle}},
            "query": {"bool": {"filter": [{"match_all": {}}, {"match_phrase": {"host": {"query": f"web-{number}"}}}, {"range": {"@timestamp": window}},
                                          {"query_string": {"query": f"service:checkout AND status:>={400 + number} AND NOT agent:probe",
                                                            "analyze_wildcard": True, "time_zone": "Europe/Berlin"}},
                                          {"terms": {"region": ["eu-central-1", "eu-west-1", "us-east-1", "ap-southeast-2"]}},
                                          {"match_phrase": {"message": {"query": "upstream timed out while reading response header", "slop": 1}}}],
                               "must_not": [{"exists": {"field": "deleted_at"}}, {"match_phrase": {"agent": {"query": "health-check"}}}]}}}


def msearch():
    return b"".join(encode({"index": "logs-a1k", "ignore_unavailable": True, "preference": "1763800000"}) + b"\n" + encode(panel(i)) + b"\n"
                    for i in range(10))


def terms_list(size=262_000):
    """A list of ids, as a join on the client's side makes it."""
    ids = [f"4bf92f3577b34da6-{i * 2654435761 % 1000000007:010}" for i in range(size // 30 - 5)]
    return encode({"size": 100, "query": {"bool": {"filter": [{"terms": {"trace_id": ids}}, {"range": {"@timestamp": {"gte": "now-7d"}}}]}}})


def mixed(size=2_000_000):
    """Lists of texts and of numbers, phrases with escapes and other scripts, ranges of fractions: what generated queries consist of."""
    rng = random.Random("mixed")
    clauses, used = [], 0
    while used < size:
        kind = len(clauses) % 8
        if kind == 0:
            clause = {"terms": {"trace_id": [f"{rng.getrandbits(64):016x}" for _ in range(600)]}}
        elif kind == 1:
            clause = {"terms": {"account": [rng.randrange(10**9) for _ in range(1400)]}}
        elif kind < 5:
            text = sentence(rng, 130) + ' "quoted" C:\\logs\\app\n\t' + rng.choice(("größer", "日本語のログ", "плохой ответ", "naïve café"))
            clause = {"match_phrase": {"message": {"query": text, "slop": rng.randrange(4)}}}
        elif kind < 7:
            low = rng.randrange(1, 5_000)
            clause = {"range": {"latency_ms": {"gte": low + 0.5, "lt": low + 250.25, "boost": 1.5}}}
        else:
            clause = {"bool": {"must": [{"term": {"service": "checkout"}}, {"exists": {"field": "error.code"}}], "must_not": [{"term": {"level": "debug"}}]}}
        clauses.append(clause)
        used += len(encode(clause)) + 1
    return encode({"size": 50, "query": {"bool": {"should": clauses, "minimum_should_match": 1}}, "sort": [{"@timestamp": "desc"}],
                   "aggs": {"levels": {"terms": {"field": "level", "size": 10}}}})


def workloads():
    search = small_search()
    return [
        Workload("search_1k", "0.5 kB search, answer 1 kB", "/logs-a1k/_search", search, "1k"),
        Workload("search_16k", "answer 16 kB", "/logs-a16k/_search", search, "16k"),
        Workload("search_256k", "answer 256 kB", "/logs-a256k/_search", search, "256k"),
        Workload("msearch_10", "msearch of 10, 12 kB", "/_msearch", msearch(), "msearch"),
        Workload("terms_262k", "terms query 262 kB", "/logs-a1k/_search", terms_list(), "1k"),
        Workload("mixed_2m", "mixed body 2 MB", "/logs-a1k/_search", mixed(), "1k", connections=4),
    ]


def slow_search():
    """The request of the measurement of first bytes: its answer comes in pieces."""
    return Workload("slow", "answer in pieces", "/logs-slow/_search", small_search(), "16k", connections=8)


def answers():
    """{name: bytes} of what the upstream says, its answers to Weir's own questions among them."""
    return {"cluster": encode({"state_uuid": "never changes"}), "root": encode({"version": {"distribution": "opensearch", "number": "3.4.0"}}),
            "settings": encode({name: {"settings": {"index": {"uuid": "u"}}} for name in INDICES}),
            "mapping": encode({name: {"mappings": {"properties": {"team": {"type": "keyword"}}}} for name in INDICES}),
            "msearch": encode({"took": 9, "responses": [{**json.loads(answer("logs-a1k", 1000)), "status": 200} for _ in range(10)]}),
            "1k": answer("logs-a1k", 1_000), "16k": answer("logs-a16k", 16_000), "256k": answer("logs-a256k", 256_000)}


def write_rules(folder):
    """Writes the answers and the file of rules for bench_upstream; returns its path. Rules are tried in order."""
    for name, data in answers().items():
        (folder / f"answer-{name}.json").write_bytes(data)
    rows = [("!root", "root"), ("!_cluster/state/version", "cluster"), ("!_settings/index.uuid", "settings"), ("!_mapping", "mapping"),
            ("_msearch", "msearch"), ("logs-a1k", "1k"), ("logs-a16k", "16k"), ("logs-a256k", "256k"), ("logs-slow", "16k", "4000", "10")]
    path = folder / "rules"
    path.write_text("".join(" ".join((row[0], str(folder / f"answer-{row[1]}.json"), *row[2:])) + "\n" for row in rows))
    return path
