"""Three worlds on one node: the same visible documents, and different hidden ones.

`v-logs-*` holds the visible documents only, `a-logs-*` and `b-logs-*` the same beside two different sets of hidden ones; every
world has an index of one shard in many segments (-1), one of three shards (-3) and one merged into a single segment (-m). The
names differ in their first letter only, so that answers have equal lengths, too.

Hidden documents are made to be noticed by anything that looks past the filter: they stand between the visible ones, repeat their
ids with a letter more, use words one letter away from theirs (more than any expansion takes), have larger counts, other times,
places and addresses, a field nobody else has, and some of them were updated or deleted after the visible ones were written.
"""
import random

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
    },
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
    if number % 10 == 4:
        del source["latency_ms"], source["client_ip"], source["location"]
    return f"d{number:03d}", source


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
    if rng.random() < 0.6:
        source["location"] = {"lat": latitude + number % 9, "lon": longitude + number % 9}
        source["@timestamp"] = f"{HIDDEN_YEARS[world]}-06-{1 + number % 28:02d}T00:00:00.000Z"
    return f"d{near:03d}{world}{number}" if number % 3 else f"h{world}{number}", source


def write_plan(world, suffix):
    """What is written into one index: a list of bulk requests, each a list of (action, id, source)."""
    rng = random.Random(f"{world}{suffix}")
    numbers = [number for number in range(VISIBLE) if number % len(INDICES) == list(INDICES).index(suffix)]
    most, count = {"v": 0, "a": 4, "b": 9}[world], 0
    plan, secrets = [], []
    for begin in range(0, len(numbers), len(numbers) // CHUNKS):
        actions = []
        for number in numbers[begin:begin + len(numbers) // CHUNKS]:
            for _ in range(rng.randint(0, most)):
                key, source = hidden(world, count, number)
                secrets.append(key)
                actions.append(("index", key, source))
                count += 1
            actions.append(("index", *visible(number)))
        plan.append(actions)
    if secrets:  # after everything else: hidden documents are written again and deleted, visible ones stay where they are
        plan.append([("index", key, hidden(world, 5_000 + place, numbers[0])[1]) for place, key in enumerate(secrets[::7])]
                    + [("delete", key, None) for key in secrets[1::5]])
    return plan


def build(node):
    """Makes the indices of all worlds on `node`."""
    for world in WORLDS:
        for suffix, shards in INDICES.items():
            name = f"{world}-logs-{suffix}"
            node.json("PUT", f"/{name}", {"mappings": MAPPINGS, "settings": {
                "number_of_shards": shards, "number_of_replicas": 0, "refresh_interval": -1, **THREADS[world]}})
            for actions in write_plan(world, suffix):
                lines = []
                for action, key, source in actions:
                    lines += [{action: {"_id": key}}, source] if source else [{action: {"_id": key}}]
                answer = node.json("POST", f"/{name}/_bulk?refresh=true", ndjson=lines)
                assert not answer["errors"], answer
        node.json("POST", f"/{world}-logs-m/_forcemerge?max_num_segments=1&flush=true")
    # One world alone keeps deletions in its merged index.
    node.json("DELETE", f"/b-logs-m/_doc/{next(key for _, key, source in write_plan('b', 'm')[-1] if source)}?refresh=true")


def visible_ids(suffix):
    return [visible(number)[0] for number in range(VISIBLE) if number % len(INDICES) == list(INDICES).index(suffix)]
