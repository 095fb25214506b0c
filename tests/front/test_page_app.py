"""A page that asks what Dashboards asked: the requests that OpenSearch Dashboards 2.8 was recorded to send while its sample dashboards were looked
at (recorded.jsonl), through the front, a stand-in Dashboards that passes the one allowed header on, and the gate. Each is answered as OpenSearch
answers it directly where there are only the visible documents; each recorded write is refused in a form that Dashboards shows."""
import json
import pathlib
import random

import pytest

import nodes
from dashboards import Dashboards

FOLDER = pathlib.Path(__file__).parent
RECORDED = [json.loads(line) for line in (FOLDER / "recorded.jsonl").read_text().splitlines()]
MAPPINGS = json.loads((FOLDER / "mappings.json").read_text())
LOOKS = [one for one in RECORDED if one["kind"] == "look"]
OTHERS = [one for one in RECORDED if one["kind"] != "look"]
FIRST, DAY = 1_791_763_200_000, 86_400_000  # 2026-10-12, inside the recorded time ranges
WORDS = ("error", "security", "success", "info", "warning", "true", "US", "IT", "win xp", "osx", "cocktail dress", "Women's Clothing", "ES-Air", "css", "gz", "deb")
# Names of indices and what is kept in them, beyond what a token is for; and a search over every index there is.
REFUSED = {"param.value", "index.scope", "index.expression", "param.denied", "agg.index_names", "index.remote"}


def leaves(properties, prefix=()):
    for name, field in properties.items():
        if "properties" in field:
            yield from leaves(field["properties"], (*prefix, name))
        elif field["type"] != "alias":
            yield (*prefix, name), field["type"]


def value(rng, kind, number):
    return {
        "date": lambda: FIRST + number * 7_000_000 + rng.randrange(1000),
        "keyword": lambda: rng.choice(WORDS), "text": lambda: rng.choice(WORDS),
        "integer": lambda: rng.randrange(24), "long": lambda: rng.randrange(1000),
        # Fractions that add up exactly in any order.
        "float": lambda: rng.randrange(4000) / 4, "half_float": lambda: rng.randrange(200) / 4, "double": lambda: rng.randrange(4000) / 4,
        "boolean": lambda: rng.random() < 0.5, "ip": lambda: f"10.0.{rng.randrange(4)}.{rng.randrange(250)}",
        "geo_point": lambda: {"lat": rng.randrange(-80, 80), "lon": rng.randrange(-170, 170)},
    }[kind]()


def documents(seed, tenant, mappings, numbers):
    rng = random.Random(seed)
    made = {}
    for number in numbers:
        document = {"tenant": tenant}
        for path, kind in leaves(mappings["properties"]):
            node = document
            for step in path[:-1]:
                node = node.setdefault(step, {})
            node[path[-1]] = value(rng, kind, number)
        made[f"{tenant}-{number}"] = document
    return made


def with_tenant(mappings):
    return {"properties": {**mappings["properties"], "tenant": {"type": "keyword"}}}


def send(http, one, headers=None):
    kind = {"Content-Type": "application/x-ndjson" if "_msearch" in one["target"] else "application/json"} if one["body"] else {}
    body = one["body"].replace('"timeout":"1000ms"', '"timeout":"60s"')  # of suggestions, which may come in part: not here
    return http.request(one["method"], one["target"], data=body.encode() or None, headers={**kind, **(headers or {})})


# What level scores, time, the number of shards and shortcuts through an index make different.
APART = ("took", "_shards", "_score", "max_score", "terminated_early")


def plain(answer):
    if isinstance(answer, dict) and "error" in answer:
        return {"status": answer["status"]}  # the texts are Weir's own
    if isinstance(answer, dict):
        return {key: value[:1] if key == "sort" else plain(value) for key, value in answer.items()
                if key not in APART and not (key == "meta" and value == {})}
    return [plain(item) for item in answer] if isinstance(answer, list) else answer


def in_scope(one):
    """A search of every index there is, as a search of those the account has: the node has others from other tests."""
    return {**one, "target": "/opensearch_dashboards_sample_data_*" + one["target"]} if one["target"].startswith("/_search?") else one


@pytest.fixture(scope="module")
def direct(opensearch):
    """What OpenSearch says to each look while there is nothing but the visible documents; after that the hidden ones are there, too."""
    for name, mappings in MAPPINGS.items():
        opensearch.index(name, documents(name, "a", mappings, range(0, 600, 2)), with_tenant(mappings))
    answers = [send(opensearch, in_scope(one)) for one in LOOKS]
    for name, mappings in MAPPINGS.items():
        hidden = documents(name + "hidden", "b", mappings, range(1, 600, 2))
        lines = [line for key, source in hidden.items() for line in ({"index": {"_id": key}}, source)]
        assert not opensearch.json("POST", f"/{name}/_bulk?refresh=true", ndjson=lines)["errors"]
    yield [(answer.status_code, answer.json()) for answer in answers]
    for name in MAPPINGS:
        opensearch.request("DELETE", f"/{name}")


@pytest.fixture(scope="module")
def weir(tmp_path_factory, opensearch, direct):
    """The program before a Dashboards that sends a recorded request on, by its number, with the headers that one is told to pass on."""
    def search(headers, body):
        passed = {name: headers[name] for name in ("x-shared-token",) if name in headers}
        answer = send(nodes.Http(weir.gate_url), RECORDED[json.loads(body)["recorded"]], passed)
        return answer.status_code, answer.content

    dashboards = Dashboards(search)
    weir = nodes.Weir(tmp_path_factory.mktemp("page_app") / "weir", opensearch, indices=("opensearch_dashboards_sample_data_*",), front=True,
                      flags=["--front-dashboards", dashboards.url])
    with weir:
        yield weir
    dashboards.close()


@pytest.fixture(scope="module")
def ask(weir):
    """A function: asks as the page does, with nothing but the link's cookie."""
    token = weir.create_token([("tenant", "a")])
    front = nodes.Http(weir.front_url)
    assert front.request("GET", f"/app/dashboards?shareToken={token['token']}", headers={"Sec-Fetch-Mode": "navigate"}).status_code == 200

    def ask(one):
        return front.request("POST", "/internal/search/opensearch", {"recorded": RECORDED.index(one)}, headers={"osd-xsrf": "true", "Sec-Fetch-Mode": "cors"})

    return ask


@pytest.mark.parametrize("number", range(len(LOOKS)))
def test_a_look_is_answered_as_directly(direct, ask, number):
    one, (status, expected) = LOOKS[number], direct[number]
    answer = ask(one)
    if answer.status_code == 403:
        assert answer.json()["error"]["code"] in REFUSED, (one["target"], answer.text[:300])
        assert not one["target"].startswith("/opensearch_dashboards_sample_data"), "what a dashboard shows must be answered"
        return
    assert answer.status_code == status, (one["target"], answer.text[:500])
    if '"search_after"' in one["body"]:
        # The surroundings of a document: its pages go on behind a number that counts hidden documents.
        assert answer.json()["responses"][0]["error"]["code"] == "sort.doc"
    elif status == 200:
        assert plain(answer.json()) == plain(expected)


@pytest.mark.parametrize("number", range(len(OTHERS)))
def test_a_write_is_refused_gracefully(ask, opensearch, number):
    one = OTHERS[number]
    answer = ask(one)
    assert answer.status_code == 403, (one["target"], answer.text[:300])
    error = answer.json()["error"]
    assert error["reason"] and error["root_cause"][0]["type"] and answer.json()["status"] == 403
    if "sample_data" in one["target"]:
        assert opensearch.request("HEAD", one["target"].partition("?")[0]).status_code == 200


def test_the_looks_saw_something(direct):
    counts = [answer["hits"]["total"]["value"] for status, answer in direct if status == 200 and "hits" in answer]
    assert len(counts) > 50 and sum(count > 0 for count in counts) > 40
