#!/usr/bin/python3
"""A deterministic sample of log documents: a week of seven teams' services in daily indices, ending at a fixed date.

The same seed gives the same bytes on every machine, so a test may name a document by id and a count by number. Teams share
services' words, hosts, users and days: nothing but the field `team` separates them, and one team's name begins with another's.
`labels` holds the values that programs trip over: empty, blanks, quotes, wildcards, other scripts. A second index, outside
`logs-*`, holds documents of the same teams: a token for `logs-*` must not see those either.

    sample.py load URL        create the template and the indices at URL and fill them (an older sample there is replaced)
    sample.py print           write the same as bulk lines to standard output
"""
import argparse
import datetime
import itertools
import json
import random
import sys
import urllib.error
import urllib.request

SEED = 20260112
DOCUMENTS = 24_000
SECRETS = 240
FIRST_DAY = datetime.date(2026, 1, 5)
DAYS = 7
INDEX_PREFIX = "logs-"
SECRETS_INDEX = "secrets-2026"
BULK_DOCUMENTS = 4_000

# team -> (its share of the documents, its services)
TEAMS = {
    "payments": (20, ("checkout", "ledger", "refunds")),
    "payments-eu": (10, ("checkout", "ledger", "vat")),
    "search": (20, ("query", "indexer", "suggest")),
    "identity": (15, ("login", "sessions", "mfa")),
    "logistics": (15, ("routing", "warehouse", "tracking")),
    "catalog": (12, ("products", "prices", "images")),
    "Zahlungen ☃": (8, ("checkout", "Überweisung")),
}
USERS = ("ada", "bao", "chidi", "dagny", "esra", "farid", "goran", "hana", "ines", "jörg", "kofi", "léa", "miyu", "noor",
         "олег", "小林")
LEVELS = (("debug", 10), ("info", 70), ("warn", 13), ("error", 6), ("fatal", 1))
STATUSES = ((200, 80), (201, 5), (204, 3), (301, 2), (400, 3), (401, 2), (404, 3), (500, 1), (503, 1))
METHODS = (("GET", 60), ("POST", 30), ("PUT", 5), ("DELETE", 5))
COUNTRIES = {"DE": (52.5, 13.4), "FR": (48.9, 2.4), "US": (40.7, -74.0), "BR": (-23.5, -46.6), "JP": (35.7, 139.7),
             "KE": (-1.3, 36.8)}
LABELS = ("beta", "canary", "eu west", "", " ", "naïve café", "日本語", "🦊", "a/b:c", 'say "hi"', "back\\slash", "UPPER", "50%",
          "*", "x?y", "null", "0")
SKUS = ("mug", "lamp", "chair", "desk", "pen", "book", "cable", "bag")
MESSAGES = (
    "request {trace} took {latency} ms",
    "user {user} opened the {service} page",
    "connection to {host} timed out, retrying",
    "cache miss for key {sku}, loading from the store",
    "{service} finished a batch of {bytes} bytes",
    "slow query in {service}: {latency} ms for user {user}",
    "order of {user} contains {sku}; total checked",
    "quota of {user} nearly used, 90% reached",
    "deploy of {service} by {user} done",
    "could not parse the answer of {host}: unexpected end of input",
)

KEYWORD = {"type": "keyword"}
MAPPING = {
    "dynamic": "strict",
    "properties": {
        "@timestamp": {"type": "date"},
        "team": KEYWORD,
        "service": KEYWORD,
        "level": KEYWORD,
        "message": {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}},
        "user": {"properties": {"name": KEYWORD, "id": {"type": "long"}}},
        "host": KEYWORD,
        "client_ip": {"type": "ip"},
        "country": KEYWORD,
        "location": {"type": "geo_point"},
        "method": KEYWORD,
        "path": KEYWORD,
        "status": {"type": "integer"},
        "latency_ms": {"type": "double"},
        "bytes": {"type": "long"},
        "ok": {"type": "boolean"},
        "trace": KEYWORD,
        "labels": KEYWORD,
        "items": {
            "type": "nested",
            "properties": {"sku": KEYWORD, "qty": {"type": "integer"}, "price": {"type": "double"}},
        },
    },
}
SETTINGS = {"number_of_shards": 1, "number_of_replicas": 0}


def template():
    """The index template: every field has its type said, so `team` is a keyword in an index of tomorrow, too."""
    return {
        "index_patterns": [f"{INDEX_PREFIX}*", SECRETS_INDEX],
        "priority": 10,
        "template": {"settings": SETTINGS, "mappings": MAPPING},
    }


def pick(rng, weighted):
    values, weights = zip(*weighted)
    return rng.choices(values, weights)[0]


def moment(rng, day):
    """Busier by day than by night: the sum of two draws peaks in the middle."""
    return day + datetime.timedelta(seconds=(rng.random() + rng.random()) * 43_200)


def address(rng):
    if rng.random() < 0.5:
        return f"2001:db8::{rng.randint(1, 65_535):x}"
    return f"10.{rng.randint(0, 3)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


def items(rng):
    return [
        {"sku": rng.choice(SKUS), "qty": rng.randint(1, 5), "price": rng.randint(100, 9_999) / 100}
        for _ in range(rng.choice((0, 0, 1, 2, 3)))
    ]


def document(rng, when):
    team = pick(rng, [(name, share) for name, (share, _) in TEAMS.items()])
    service, user = rng.choice(TEAMS[team][1]), rng.randrange(len(USERS))
    country = rng.choice(tuple(COUNTRIES))
    latitude, longitude = COUNTRIES[country]
    status, latency, size = pick(rng, STATUSES), round(rng.lognormvariate(3.5, 1.0), 2), int(rng.paretovariate(1.1) * 200)
    words = {
        "trace": f"{rng.getrandbits(64):016x}", "latency": latency, "user": USERS[user], "service": service,
        "host": f"node-{rng.randint(1, 12):02d}", "bytes": size, "sku": rng.choice(SKUS),
    }
    return {
        "@timestamp": f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z",
        "team": team,
        "service": service,
        "level": pick(rng, LEVELS),
        "message": rng.choice(MESSAGES).format(**words),
        "user": {"name": USERS[user], "id": 1_000 + user},
        "host": words["host"],
        "client_ip": address(rng),
        "country": country,
        "location": {"lat": round(latitude + rng.uniform(-2, 2), 4), "lon": round(longitude + rng.uniform(-2, 2), 4)},
        "method": pick(rng, METHODS),
        "path": f"/{service}/{rng.randint(1, 400)}",
        "status": status,
        "latency_ms": latency,
        "bytes": size,
        "ok": status < 400,
        "trace": words["trace"],
        "labels": rng.sample(LABELS, rng.choice((0, 1, 1, 2))),
        "items": items(rng),
    }


def documents(count=DOCUMENTS, secrets=SECRETS, seed=SEED):
    """Yields (index, id, source). Ids are `<day>-<number>` and `s-<number>`, teams in them mixed."""
    rng = random.Random(seed)
    days = [datetime.datetime.combine(FIRST_DAY + datetime.timedelta(days=n), datetime.time()) for n in range(DAYS)]
    for number in range(count):
        day = days[number % DAYS]
        yield f"{INDEX_PREFIX}{day:%Y.%m.%d}", f"{day:%m%d}-{number // DAYS:05d}", document(rng, moment(rng, day))
    for number in range(secrets):
        yield SECRETS_INDEX, f"s-{number:05d}", document(rng, moment(rng, rng.choice(days)))


def bulk_lines(rows):
    return "".join(
        json.dumps({"index": {"_index": index, "_id": key}}) + "\n" + json.dumps(source, ensure_ascii=False) + "\n"
        for index, key, source in rows
    )


def call(method, url, body=None, kind="application/json"):
    request = urllib.request.Request(url, method=method, data=body and body.encode(), headers={"Content-Type": kind})
    # Loopback is never behind a proxy, whatever the environment says.
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120) as response:
        return json.load(response)


def load(url, count=DOCUMENTS, secrets=SECRETS, seed=SEED):
    """Replaces the sample at `url`; when it returns every document can be found. Raises on the first document refused."""
    names = [f"{INDEX_PREFIX}{FIRST_DAY + datetime.timedelta(days=n):%Y.%m.%d}" for n in range(DAYS)] + [SECRETS_INDEX]
    call("PUT", f"{url}/_index_template/weir-sample", json.dumps(template()))
    call("DELETE", f"{url}/{','.join(names)}?ignore_unavailable=true")
    rows = documents(count, secrets, seed)
    while chunk := list(itertools.islice(rows, BULK_DOCUMENTS)):
        answer = call("POST", f"{url}/_bulk", bulk_lines(chunk), "application/x-ndjson")
        if answer["errors"]:
            bad = next(item["index"] for item in answer["items"] if "error" in item["index"])
            raise RuntimeError(f"the sample's document `{bad['_id']}` was refused: {bad['error']}")
    call("POST", f"{url}/{','.join(names)}/_refresh")


def main():
    parser = argparse.ArgumentParser(description="a deterministic sample of log documents")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("load", help="fill an OpenSearch with it").add_argument("url")
    verbs.add_parser("print", help="write it as bulk lines")
    arguments = parser.parse_args()
    if arguments.verb == "print":
        sys.stdout.write(bulk_lines(documents()))
        return
    try:
        load(arguments.url.rstrip("/"))
    except urllib.error.HTTPError as error:
        sys.exit(f"sample: error: {error} from `{arguments.url}`: {error.read(2_000).decode(errors='replace')}")
    except (OSError, RuntimeError) as error:
        sys.exit(f"sample: error: could not load into `{arguments.url}`: {error}")


if __name__ == "__main__":
    main()
