"""Three worlds on one node: the same visible documents, and different hidden ones.

`v-logs-*` holds the visible documents only, `a-logs-*` and `b-logs-*` the same beside two different sets of hidden ones; every
world has an index of one shard in many segments (-1), one of three shards (-3) and one merged into a single segment (-m). The
names differ in their first letter only, so that answers have equal lengths, too.

Hidden documents are made to be noticed by anything that looks past the filter: they stand between the visible ones, repeat their
ids with a letter more, use words one letter away from theirs (more than any expansion takes), have larger counts, other times,
places and addresses, fields nobody else has, some of them mapped in their world only; they answer visible threads and start others, and
some of them were updated or deleted after the visible ones were written.
"""
import json
import random
import urllib.parse

VISIBLE_TEAM = "acme"
WORLDS = "vab"
INDICES = {"1": 1, "3": 3, "m": 1}  # suffix of the name -> shards
VISIBLE = 90
# As on a large machine, beside hidden documents a shard is searched by several threads; which segments each takes depends on sizes.
THREADS = {world: {"search.concurrent_segment_search.mode": mode, "search.concurrent.max_slice_count": 4}
           for world, mode in (("v", "none"), ("a", "all"), ("b", "all"))}
CHUNKS = 6  # bulk requests an index, each ending in a segment of its own; below what starts a merge

KEYWORD = {"type": "keyword"}
MAPPINGS = {
    "dynamic": "strict",
    "properties": {
        "@timestamp": {"type": "date"},
        "team": KEYWORD,
        "service": KEYWORD,
        "level": KEYWORD,
        "message": {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}},
        "user": {"properties": {"name": KEYWORD, "id": {"type": "long"}}},
        "client_ip": {"type": "ip"},
        "location": {"type": "geo_point"},
        "status": {"type": "integer"},
        "latency_ms": {"type": "double"},
        "bytes": {"type": "long"},
        "ok": {"type": "boolean"},
        "trace": KEYWORD,
        "labels": KEYWORD,
        "tags": KEYWORD,
        "incident": KEYWORD,
        "items": {"type": "nested", "properties": {
            "sku": KEYWORD, "qty": {"type": "integer"}, "price": {"type": "double"}, "note": {"type": "text"}}},
        # One field of every other kind that both versions have.
        "relation": {"type": "join", "relations": {"thread": ["reply", "note"]}},
        "watch": {"type": "percolator"},
        "rank": {"type": "rank_feature"},
        "rank_low": {"type": "rank_feature", "positive_score_impact": False},
        "topics": {"type": "rank_features"},
        "shape": {"type": "geo_shape"},
        "required_matches": {"type": "integer"},
        "serial": {"type": "unsigned_long"},
        "seen_at": {"type": "date_nanos"},
        "cost": {"type": "scaled_float", "scaling_factor": 100},
        "ratio": {"type": "half_float"},
        "attributes": {"type": "flat_object"},
        "url": {"type": "wildcard"},
        "dataset": {"type": "constant_keyword", "value": "logs"},
        "ports": {"type": "integer_range"},
        "valid": {"type": "date_range"},
        "complete": {"type": "completion"},
        "title": {"type": "search_as_you_type"},
        "brief": {"type": "match_only_text", "fields": {"words": {"type": "token_count", "analyzer": "standard"}}},
        "host": {"type": "keyword", "normalizer": "lowercase"},
        "who": {"type": "alias", "path": "user.name"},
        "blob": {"type": "binary"},
    },
}
# Fields that only hidden documents have are mapped in their world only, but `incident`: every world has it in its mapping.
HIDDEN_FIELDS = {
    "v": {},
    "a": {"sealed": KEYWORD},
    "b": {"aa_sealed": {"type": "text"}, "sealed": {"type": "long"}, "zz_sealed": {"properties": {"key": KEYWORD, "at": {"type": "date"}}}},
}

SERVICES = ("checkout", "ledger", "refunds")
LEVELS = ("debug", "info", "info", "info", "warn", "error")
USERS = ("ada", "bao", "chidi", "dagny")
LABELS = ("beta", "canary", "eu west", "naïve café", "日本語", 'say "hi"', "UPPER", "a/b:c", "*", "x?y")
SENTENCES = (
    "quick brown fox jumps over the lazy dog",
    "connection timed out, retrying",
    "payment accepted for order",
    "disk usage warning on node",
    "user opened the checkout page",
    "cache miss, loading from the store",
    "the dog and the fox drink tea",
    "slow query finished",
)
SKUS = ("mug", "lamp", "chair", "desk")
WATCHES = (
    {"match": {"message": "fox"}},
    {"bool": {"must": [{"match_phrase": {"message": "brown fox"}}], "filter": [{"range": {"bytes": {"gte": 1_000}}}]}},
    {"term": {"service": "ledger"}},
    {"match_all": {}},
    {"range": {"latency_ms": {"lt": 500}}},
)
HIDDEN_WATCHES = (
    {"match": {"message": "fox dog"}},
    {"term": {"service": "checkout"}},
    {"wildcard": {"service": "*e*"}},
    {"bool": {"must_not": [{"term": {"level": "fatal"}}]}},
)

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def near_words(word, beginning):
    """Words one letter away from `word`, and words with `beginning`: of each more than OpenSearch expands to (50)."""
    return [word[:place] + letter + word[place + 1:] for place in range(len(word)) for letter in LETTERS
            if letter != word[place]] + [f"{beginning}{first}{second}" for first in "abc" for second in LETTERS]


NEAR_WORDS = {"a": near_words("quick", "ja") + near_words("order", "di"), "b": near_words("fox", "bra") + near_words("tea", "dra")}
HIDDEN_WORDS = {"a": ("secretalpha", "classified", "quartz"), "b": ("secretbeta", "confidential", "zebra", "vault")}
HIDDEN_TEAMS = {"a": ("acme-eu", "ACME", "evil"), "b": ("acm", "acmee", "evil", "other corp")}
HIDDEN_SERVICES = {"a": ("payroll", "checkout-internal"), "b": ("mergers", "ledger", "board", "aaa")}
HIDDEN_YEARS = {"a": 2024, "b": 2031}
HIDDEN_PLACES = {"a": (10, 10), "b": (-60, -120)}


def visible(number):
    """The visible document `number` as (id, source). Numbers are multiples of a quarter: their sums are exact in any order."""
    rng = random.Random(number)
    source = {
        "@timestamp": f"2026-03-{1 + number % 28:02d}T{number * 7 % 24:02d}:{number % 60:02d}:00.{number * 11:03d}Z",
        "team": VISIBLE_TEAM if number % 15 else [VISIBLE_TEAM, "evil"],
        "service": rng.choice(SERVICES),
        "level": rng.choice(LEVELS),
        "message": f"{SENTENCES[number % len(SENTENCES)]} number{number}",
        "user": {"name": rng.choice(USERS), "id": 9_007_199_254_740_992 + number % 4},
        "client_ip": f"10.0.{number % 3}.{number}" if number % 2 else f"2001:db8::{number:x}",
        "location": {"lat": 50 + number % 5, "lon": 10 + number % 7},
        "status": rng.choice((200, 200, 200, 404, 500)),
        "latency_ms": rng.randrange(4_000) / 4,
        "bytes": rng.randrange(100_000),
        "ok": number % 3 != 0,
        "trace": f"trace-{number:03d}",
        "labels": rng.sample(LABELS, rng.randrange(4)),
        "tags": sorted({f"tag-{int(rng.paretovariate(0.4)) % 80:02d}" for _ in range(25)}),
        "items": [{"sku": rng.choice(SKUS), "qty": rng.randrange(1, 9), "price": rng.randrange(400) / 4, "note": "in the box"}
                  for _ in range(rng.randrange(4))],
    }
    source |= kinds(number, rng)
    if number % 10 == 4:
        del source["latency_ms"], source["client_ip"], source["location"], source["rank"], source["shape"], source["title"]
    return f"d{number:03d}", source


def kinds(number, rng):
    """The other kinds of fields of the visible document `number`. Threads are one apart in an index, and every third document answers one."""
    place = number // len(INDICES)  # in its index
    square = {"type": "envelope", "coordinates": [[10 + number % 7, 52 + number % 5], [11 + number % 7, 51 + number % 5]]}
    point = {"type": "point", "coordinates": [number % 7 + 10.5, number % 5 + 50.5]}
    source = {
        "relation": {"name": "note" if place % 6 == 5 else "reply", "parent": f"d{number - 2 * len(INDICES):03d}"} if place % 3 == 2 else "thread",
        "rank": 1 + number % 8 / 4,
        "rank_low": 2 + number % 4,
        "topics": {"politics": 1 + number % 5, "sport" if number % 2 else "science": 2.5},
        "shape": square if number % 2 else point,
        "required_matches": 1 + number % 3,
        "serial": 18_446_744_073_709_551_000 + number,
        "seen_at": f"2026-03-{1 + number % 28:02d}T00:00:00.{number:03d}456789Z",
        "cost": number % 40 / 4,
        "ratio": number % 16 / 4,
        "attributes": {"color": rng.choice(("red", "green", "blue")), "size": {"unit": "cm", "value": str(number % 5)}},
        "url": f"/shop/{rng.choice(SKUS)}/{number % 9}.html",
        "dataset": "logs",
        "ports": {"gte": number * 10, "lt": number * 10 + 50},
        "valid": {"gte": f"2026-03-{1 + number % 14:02d}", "lte": f"2026-03-{15 + number % 14:02d}"},
        "complete": {"input": [f"order {number}", rng.choice(SENTENCES)], "weight": 1 + number % 5},
        "title": rng.choice(SENTENCES),
        "brief": rng.choice(SENTENCES),
        "host": rng.choice(("Web-1", "web-2", "DB-1")),
        "blob": "aGVsbG8=",
    }
    if place % 4 == 1:
        source["watch"] = rng.choice(WATCHES)
    return source


def hidden(world, number, near):
    """A hidden document of `world` standing beside the visible document `near`."""
    rng = random.Random(f"{world}{number}")
    _, source = visible(near)
    latitude, longitude = HIDDEN_PLACES[world]
    words = (NEAR_WORDS[world] * 9)[number % 40 * 10:][:10]  # all of them within 40 documents
    source |= {
        "team": rng.choice(HIDDEN_TEAMS[world]),
        "service": rng.choice(HIDDEN_SERVICES[world] + SERVICES),
        "level": rng.choice(("fatal", "panic") + LEVELS),
        "message": " ".join([rng.choice(SENTENCES), *words, *rng.sample(HIDDEN_WORDS[world], 2)]),
        "user": {"name": rng.choice(("mallory", "eve") + USERS), "id": 9_007_199_254_740_993 + number},
        "client_ip": f"10.0.0.{1 + number % 250}" if number % 3 else f"192.168.{number % 200}.1",
        "status": rng.choice((200, 418, 599)),
        "latency_ms": 1_000_000.5 + number,
        "bytes": 10_000_000_000 + number,
        "trace": f"trace-{near:03d}-{world}{number}",
        "tags": [f"tag-{number % 80:02d}", "tag-hidden"],
        "labels": ["restricted", *rng.sample(LABELS, 2)],
        "incident": f"incident-{world}{number}",
        "items": [{"sku": rng.choice(("safe", "mug")), "qty": 5_000, "price": 99_999.75, "note": "secret in the box"}] * rng.randrange(5),
    }
    source |= hidden_kinds(world, number, near, rng)
    if rng.random() < 0.6:
        source["location"] = {"lat": latitude + number % 9, "lon": longitude + number % 9}
        source["@timestamp"] = f"{HIDDEN_YEARS[world]}-06-{1 + number % 28:02d}T00:00:00.000Z"
    return f"d{near:03d}{world}{number}" if number % 3 else f"h{world}{number}", source


def hidden_kinds(world, number, near, rng):
    """The other kinds of fields of a hidden document: it answers the visible thread that `near` belongs to, starts one, or answers a hidden one."""
    thread = near - near // len(INDICES) % 3 * len(INDICES)  # `near` or a thread just before it
    latitude, longitude = HIDDEN_PLACES[world]
    corner = [longitude + number % 9, latitude + number % 9]
    relations = ({"name": "reply", "parent": f"d{thread:03d}"}, {"name": "note", "parent": f"d{thread:03d}"}, "thread",
                 {"name": "reply", "parent": f"h{world}{number - 1}"})
    source = {
        "relation": relations[number % 4],
        "rank": 500.5 + number,
        "rank_low": 0.25,
        "topics": {"politics": 900 + number, "secrets": 7},
        "required_matches": rng.choice((0, 1, 40)),
        "serial": number,
        "seen_at": f"{HIDDEN_YEARS[world]}-06-01T00:00:00.123456{number % 1000:03d}Z",
        "cost": 1_000_000 + number,
        "ratio": 60_000,
        "attributes": {"color": rng.choice(("red", "black")), "clearance": f"level {number % 7}"},
        "url": f"/vault/{world}/{number}.html",
        "ports": {"gte": number, "lt": 50_000},
        "valid": {"gte": f"{HIDDEN_YEARS[world]}-01-01", "lte": f"{HIDDEN_YEARS[world]}-12-31"},
        "complete": {"input": [f"order secret {number}"], "weight": 1_000},
        "title": f"quick brown {rng.choice(HIDDEN_WORDS[world])}",
        "brief": rng.choice(HIDDEN_WORDS[world]),
        "host": rng.choice(("web-1", "vault")),
        "shape": {"type": "envelope", "coordinates": [[corner[0], corner[1] + 40], [corner[0] + 30, corner[1]]]},
    }
    if number % 3 == 0:
        source["watch"] = rng.choice(HIDDEN_WATCHES)
    return source | ({"sealed": f"sealed-{number}"} if world == "a" else
                     {"aa_sealed": "quick brown fox", "sealed": number, "zz_sealed": {"key": "acme", "at": "2031-01-01"}})


def routing(source):
    """Where a document has to be written: beside its parent, if it has one."""
    relation = source["relation"]
    return {"routing": relation["parent"]} if isinstance(relation, dict) else {}


def write_plan(world, suffix):
    """What is written into one index: a list of bulk requests, each a list of (action, its parameters, source)."""
    rng = random.Random(f"{world}{suffix}")
    numbers = [number for number in range(VISIBLE) if number % len(INDICES) == list(INDICES).index(suffix)]
    most, count = {"v": 0, "a": 4, "b": 9}[world], 0
    plan, secrets = [], []
    for begin in range(0, len(numbers), len(numbers) // CHUNKS):
        actions = []
        for number in numbers[begin:begin + len(numbers) // CHUNKS]:
            for _ in range(rng.randint(0, most)):
                key, source = hidden(world, count, number)
                secrets.append({"_id": key, **routing(source)})
                actions.append(("index", secrets[-1], source))
                count += 1
            key, source = visible(number)
            actions.append(("index", {"_id": key, **routing(source)}, source))
        plan.append(actions)
    if secrets:  # after everything else: hidden documents are written again and deleted, visible ones stay where they are
        plan.append([("index", target, rewritten(world, 5_000 + place, numbers[0], target)) for place, target in enumerate(secrets[::7])]
                    + [("delete", target, None) for target in secrets[1::5]])
    return plan


def rewritten(world, number, near, target):
    """What a hidden document becomes: another one that is written to the same shard."""
    _, source = hidden(world, number, near)
    return source | {"relation": {"name": "reply", "parent": target["routing"]} if "routing" in target else "thread"}


def build(node):
    """Makes the indices of all worlds on `node`."""
    # In several threads 2.x fails over some aggregations beside a `terminate_after`; they are off by default there.
    is_2 = node.json("GET", "/")["version"]["number"].startswith("2.")
    for world in WORLDS:
        threads = THREADS["v" if is_2 else world]
        mappings = MAPPINGS | {"properties": MAPPINGS["properties"] | HIDDEN_FIELDS[world]}
        for suffix, shards in INDICES.items():
            name = f"{world}-logs-{suffix}"
            node.json("PUT", f"/{name}", {"mappings": mappings, "settings": {
                "number_of_shards": shards, "number_of_replicas": 0, "refresh_interval": -1, **threads}})
            for actions in write_plan(world, suffix):
                lines = [line for action, target, source in actions for line in ({action: target}, source) if line is not None]
                answer = node.json("POST", f"/{name}/_bulk?refresh=true", ndjson=lines)
                assert not answer["errors"], [item for item in answer["items"] if "error" in json.dumps(item)][:2]
        node.json("POST", f"/{world}-logs-m/_forcemerge?max_num_segments=1&flush=true")
    # One world alone keeps deletions in its merged index.
    gone = next(target for _, target, source in write_plan("b", "m")[-1] if source)
    node.json("DELETE", f"/b-logs-m/_doc/{gone['_id']}?refresh=true&{urllib.parse.urlencode({'routing': gone.get('routing', gone['_id'])})}")


def visible_ids(suffix):
    return [visible(number)[0] for number in range(VISIBLE) if number % len(INDICES) == list(INDICES).index(suffix)]
