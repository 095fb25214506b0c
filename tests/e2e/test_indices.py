"""Which indices a token's searches reach, and on which fields its filters may stand: learnt from a real node, while it changes and while
requests run."""
import subprocess
import threading
import time

import pytest

import nodes
import wire

INTERVAL = 0.1  # seconds between two looks of the gate
SOON = 20  # a loaded machine is slow
FAST = ["--upstream-mappings-interval", "100ms"]
KEYWORD = {"properties": {"team": {"type": "keyword"}}}
MAPPINGS_UNKNOWN = "gate.mappings_unknown"


@pytest.fixture(scope="module")
def node(each_opensearch):
    return each_opensearch


@pytest.fixture
def weir(node, start_weir):
    """A gate for `watched-*`, where there is nothing yet."""
    node.request("DELETE", "/_data_stream/watched-*")
    node.request("DELETE", "/watched-*,foreign-*?expand_wildcards=all")
    return start_weir(node, indices=["watched-*"], flags=FAST)


def hits(holder, path="/watched-*/_search?size=100", query=None):
    """{index/id} of what a search finds."""
    answer = holder.json("POST", path, {"query": query or {"match_all": {}}})
    return {f"{hit['_index']}/{hit['_id']}" for hit in answer["hits"]["hits"]}


def eventually(condition, wanted):
    deadline = time.monotonic() + SOON
    while (found := condition()) != wanted:
        assert time.monotonic() < deadline, f"{found} instead of {wanted}"
        time.sleep(0.02)


class Traffic:
    """Searches that run until the end of the block. Every hit ever seen is in `seen`, with the time of the search's start; `allowed` must
    hold for each, and every search must be answered."""

    def __init__(self, weir, token, allowed, path="/watched-*/_search?size=100"):
        self.holders = [weir.as_holder(token) for _ in range(2)]
        self.allowed, self.path, self.failures, self.searches, self.stop = allowed, path, [], 0, threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(holder,)) for holder in self.holders]

    def run(self, holder):
        while not self.stop.is_set():
            begin = time.monotonic()
            response = holder.request("POST", self.path, {"query": {"match_all": {}}})
            # An index that is deleted under a search makes OpenSearch fail; the holder hears that and nothing else.
            if response.status_code in (404, 503) and "_source" not in response.text:
                continue
            if response.status_code != 200:
                self.failures.append(response.text)
                return
            self.searches += 1
            wrong = [hit for hit in response.json()["hits"]["hits"] if not self.allowed(hit, begin)]
            self.failures += wrong

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        assert not self.failures, self.failures[:3]
        assert self.searches > 0


def is_team_a(hit, _):
    return hit["_source"]["team"] == "a"


def test_a_new_index_is_seen_once_its_mapping_is_known(node, weir):
    token = weir.create_token([("team", "a")])
    holder = weir.as_holder(token)
    with Traffic(weir, token, is_team_a):
        for number in range(3):
            node.index(f"watched-{number}", {"1": {"team": "a"}, "2": {"team": "b"}}, KEYWORD)
            eventually(lambda: hits(holder), {f"watched-{known}/1" for known in range(number + 1)})
        node.json("DELETE", "/watched-1")
        eventually(lambda: hits(holder), {"watched-0/1", "watched-2/1"})


def test_a_field_that_is_mapped_later_is_seen_later(node, weir):
    node.index("watched-1", {})
    token = weir.create_token([("team.keyword", "a")])
    assert "no index has a field `team.keyword` yet" in token["warnings"][0]
    holder = weir.as_holder(token)
    with Traffic(weir, token, is_team_a):
        node.json("PUT", "/watched-1/_doc/1?refresh=true", {"team": "a"})  # a text with a keyword below
        node.json("PUT", "/watched-1/_doc/2?refresh=true", {"team": "a b"})
        eventually(lambda: hits(holder), {"watched-1/1"})


def test_an_alias_in_scope_opens_no_index_outside(node, weir):
    node.index("foreign-z", {"1": {"team": "a"}}, KEYWORD)
    node.index("watched-1", {"1": {"team": "a"}}, KEYWORD)
    token, open_token = weir.create_token([("team", "a")]), weir.create_token([], "unfiltered")
    actions = [{"add": {"index": "foreign-z", "alias": "watched-alias"}}, {"add": {"index": "watched-1", "alias": "watched-own"}}]
    with Traffic(weir, token, lambda hit, _: hit["_index"] == "watched-1"), Traffic(weir, open_token, lambda hit, _: hit["_index"] == "watched-1"):
        node.json("POST", "/_aliases", {"actions": actions})
        for holder in (weir.as_holder(token), weir.as_holder(open_token)):
            deadline = time.monotonic() + 5 * INTERVAL
            while time.monotonic() < deadline:
                assert hits(holder, "/watched-alias/_search") == set()
                assert hits(holder, "/watched-own/_search") == {"watched-1/1"}
                assert hits(holder, "/_search") == {"watched-1/1"}
                assert holder.json("POST", "/watched-alias/_count")["count"] == 0
                assert "team" not in holder.json("GET", "/watched-alias/_field_caps?fields=*")["fields"]
        for index, answer in (("watched-1", {"watched-1/1"}), ("foreign-z", set())):  # and when it is turned
            moves = [{"remove": {"index": "*", "alias": "watched-alias"}}, {"add": {"index": index, "alias": "watched-alias"}}]
            node.json("POST", "/_aliases", {"actions": moves})
            assert hits(weir.as_holder(token), "/watched-alias/_search") == answer


def test_an_index_made_anew_with_another_mapping_is_shut(node, weir):
    node.index("watched-1", {"1": {"team": "a"}}, KEYWORD)
    node.index("watched-2", {"1": {"team": "a"}}, KEYWORD)
    token = weir.create_token([("team", "a")])
    holder = weir.as_holder(token)
    shut = [float("inf")]

    def allowed(hit, begin):
        return hit["_source"]["team"] == "a" or begin < shut[0]

    with Traffic(weir, token, allowed):
        eventually(lambda: hits(holder), {"watched-1/1", "watched-2/1"})
        node.index("watched-1", {"1": {"team": "not a"}}, {"properties": {"team": {"type": "text"}}})
        eventually(lambda: hits(holder), {"watched-2/1"})
        shut[0] = time.monotonic()
        time.sleep(5 * INTERVAL)
        node.index("watched-1", {"1": {"team": "a"}}, KEYWORD)
        eventually(lambda: hits(holder), {"watched-1/1", "watched-2/1"})


def test_a_data_stream_is_followed_through_its_rollover(node, weir):
    template = {"index_patterns": ["watched-stream*"], "data_stream": {},
                "template": {"settings": {"number_of_replicas": 0}, "mappings": KEYWORD}}
    node.json("PUT", "/_index_template/watched", template)
    try:
        token = weir.create_token([("team", "a")])
        holder = weir.as_holder(token)
        found = set()
        with Traffic(weir, token, is_team_a):
            for generation in (1, 2, 3):
                for team in "ab":
                    row = {"@timestamp": "2026-01-01T00:00:00Z", "team": team}
                    made = node.json("POST", "/watched-stream/_doc?refresh=true", row)
                    assert made["_index"] == f".ds-watched-stream-{generation:06}"
                    found |= {f"{made['_index']}/{made['_id']}"} if team == "a" else set()
                eventually(lambda: hits(holder), found)
                assert hits(holder, "/watched-stream/_search") == found
                node.json("POST", "/watched-stream/_rollover")
        # A name alone makes no backing index.
        node.index(".ds-watched-lie-000001", {"1": {"team": "a"}}, KEYWORD)
        time.sleep(5 * INTERVAL)
        assert hits(holder) == found
    finally:
        node.json("DELETE", "/_data_stream/watched-stream")
        node.request("DELETE", "/.ds-watched-lie-000001")
        node.json("DELETE", "/_index_template/watched")


def test_indices_that_map_a_field_otherwise_match_nothing(node, weir):
    for name, mapping in (("watched-keyword", {"type": "keyword"}), ("watched-text", {"type": "text"}), ("watched-number", {"type": "integer"})):
        value = "8" if name == "watched-number" else "a"
        node.index(name, {"1": {"team": value}}, {"properties": {"team": mapping}})
    node.index("watched-none", {"1": {"x": "a"}})
    made = weir.admin.json("POST", "/v1/shared-tokens/filters", {"field": "team", "value": "a"})
    (warning,) = made["warnings"]
    assert "`team` is of type `integer`, whose values are not written `a` (in `watched-number`)" in warning
    assert "`team` is a `text` field, in which `term` finds single words (in `watched-text`)" in warning
    assert "watched-keyword" not in warning
    token = weir.create_token([("team", "a")])
    assert token["warnings"] == made["warnings"]
    assert hits(weir.as_holder(token)) == {"watched-keyword/1"}
    assert hits(weir.as_holder(weir.create_token([("team", "8")]))) == {"watched-number/1"}
    assert "warnings" not in weir.admin.json("GET", f"/v1/shared-tokens/filters/{made['id']}")


def test_or_looks_for_each_filter_where_it_is_exact(node, weir):
    node.index("watched-1", {"1": {"team": "a", "zone": "a x"}, "2": {"team": "b", "zone": "x"}},
               {"properties": {"team": {"type": "keyword"}, "zone": {"type": "text"}}})
    node.index("watched-2", {"1": {"team": "a x", "zone": "x"}, "2": {"team": "a", "zone": "y"}},
               {"properties": {"team": {"type": "text"}, "zone": {"type": "keyword"}}})
    token = weir.create_token([("team", "a"), ("zone", "x")], filtersOperator="OR")
    assert hits(weir.as_holder(token)) == {"watched-1/1", "watched-2/1"}
    assert hits(weir.as_holder(weir.create_token([("team", "a"), ("zone", "x")]))) == set()


def test_an_open_scroll_goes_on_when_an_index_appears(node, weir):
    node.index("watched-1", {str(n): {"team": "a"} for n in range(4)}, KEYWORD)
    holder = weir.as_holder(weir.create_token([("team", "a")]))
    first = holder.json("POST", "/watched-*/_search?scroll=1m&size=2", {"query": {"match_all": {}}})
    node.index("watched-2", {"1": {"team": "a"}}, KEYWORD)
    eventually(lambda: len(hits(holder)), 5)
    page = holder.json("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": first["_scroll_id"]})
    assert len(page["hits"]["hits"]) == 2


INEXACT = {
    "text": ({"type": "text"}, "acme", "is a `text` field, in which `term` finds single words"),
    "text with a keyword below": ({"type": "text", "fields": {"keyword": {"type": "keyword"}}}, "acme", "filter by `f.keyword`"),
    "match_only_text": ({"type": "match_only_text"}, "acme", "single words"),
    "a network": ({"type": "ip"}, "10.0.0.0/8", "is of type `ip`, whose values are not written `10.0.0.0/8`"),
    "date": ({"type": "date"}, "2024-03-01", "is a `date` field, which rounds and calculates"),
    "date_nanos": ({"type": "date_nanos"}, "2024-03-01", "rounds and calculates"),
    "null_value": ({"type": "keyword", "null_value": "acme"}, "acme", "has a `null_value`"),
    "normalizer": ({"type": "keyword", "normalizer": "lowercase"}, "acme", "has the normalizer `lowercase`"),
    "float": ({"type": "float"}, "1.04", "rounds"),
    "half_float": ({"type": "half_float"}, "1.04", "rounds"),
    "double": ({"type": "double"}, "1", "rounds"),
    "scaled_float": ({"type": "scaled_float", "scaling_factor": 10}, "1", "rounds"),
    "integer_range": ({"type": "integer_range"}, "8", "matches every value inside"),
    "ip_range": ({"type": "ip_range"}, "10.0.0.1", "matches every value inside"),
    "flat_object": ({"type": "flat_object"}, "acme", "`flat_object`"),
    "constant_keyword": ({"type": "constant_keyword", "value": "acme"}, "acme", "takes patterns"),
    "wildcard": ({"type": "wildcard"}, "acme", "is a `wildcard` field"),
    "alias": ({"type": "alias", "path": "other"}, "acme", "is another name of `other`"),
    "object": ({"properties": {"x": {"type": "keyword"}}}, "acme", "is an object"),
    "not indexed": ({"type": "keyword", "index": False}, "acme", "is not indexed"),
    "integer": ({"type": "integer"}, "08", "whose values are not written `08`"),
    "boolean": ({"type": "boolean"}, "TRUE", "whose values are not written `TRUE`"),
}


@pytest.fixture(scope="module")
def kinds_weir(node, tmp_path_factory):
    """A gate with an account for each kind of field, because one index that maps it otherwise makes a filter a good one."""
    node.request("DELETE", "/kinds-*")
    more = {"nested": {"type": "nested", "properties": {"f": {"type": "keyword"}}}, "other": {"type": "keyword"},
            "target": {"type": "keyword"}, "source": {"type": "keyword", "copy_to": "target"}}
    for number, (mapping, _, _) in enumerate(INEXACT.values()):
        node.index(f"kinds-{number}", {}, {"properties": {"f": mapping, **more}})
    lines = [f'[[account]]\nname = "default"\nindices = ["kinds-*"]\n']
    lines += [f'[[account]]\nname = "kind{number}"\nindices = ["kinds-{number}"]\n' for number in range(len(INEXACT))]
    config = f'[upstream]\nurl = "{node.url}"\n' + "".join(lines)
    with nodes.Weir(tmp_path_factory.mktemp("kinds") / "weir", None, indices=None, config=config) as weir:
        yield weir


def api_of(weir, account):
    words = [weir.command()[0], "api-token", "create", "--account", account, "--data", weir.folder / "data"]
    made = subprocess.run(words, capture_output=True, text=True, timeout=30, check=True)
    return nodes.Http(weir.admin_url, {"X-API-TOKEN": made.stdout.strip()})


@pytest.mark.parametrize("kind", INEXACT)
def test_a_filter_that_cannot_be_exact_is_refused_with_the_reason(kinds_weir, kind):
    _, value, why = INEXACT[kind]
    api = api_of(kinds_weir, f"kind{list(INEXACT).index(kind)}")
    refused = api.request("POST", "/v1/shared-tokens/filters", {"field": "f", "value": value})
    assert refused.status_code == 400, refused.text
    assert refused.json()["errorCode"] == "shared-tokens/FILTER_NOT_EXACT"
    assert why in refused.json()["message"]
    assert api.json("GET", "/v1/shared-tokens/filters") == []


@pytest.mark.parametrize("field, why", [("nested.f", "lies inside the nested field `nested`"), ("target", "is filled by `copy_to`")])
def test_places_where_no_filter_is_exact(kinds_weir, field, why):
    refused = kinds_weir.admin.request("POST", "/v1/shared-tokens/filters", {"field": field, "value": "acme"})
    assert refused.status_code == 400
    assert why in refused.json()["message"]


def test_a_token_takes_no_filter_that_has_become_inexact(node, weir):
    node.index("watched-1", {"1": {"team": "a"}}, KEYWORD)
    number = weir.create_filter("team", "a")
    token = weir.admin.json("POST", "/v1/shared-tokens", {"tokenName": "t", "filters": [number]})
    node.index("watched-1", {"1": {"team": "a"}}, {"properties": {"team": {"type": "text"}}})
    refused = weir.admin.request("POST", "/v1/shared-tokens", {"tokenName": "t", "filters": [number]})
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "shared-tokens/FILTER_NOT_EXACT")
    # One that has it already may keep it: it matches nothing.
    weir.admin.json("PUT", f"/v1/shared-tokens/{token['id']}", {"filters": [number], "expirationDate": None})
    assert hits(weir.as_holder(token)) == set()


def test_without_the_upstream_nothing_is_made_and_nothing_searched(start_weir):
    weir = start_weir(f"http://127.0.0.1:{nodes.free_port()}", ready=False, flags=FAST)
    eventually(lambda: weir.log().count("mappings_not_learnt"), 1)
    refused = weir.admin.request("POST", "/v1/shared-tokens/filters", {"field": "team", "value": "a"})
    assert (refused.status_code, refused.json()["errorCode"]) == (503, "shared-tokens/MAPPINGS_UNKNOWN")
    assert weir.admin.json("GET", "/v1/shared-tokens/filters") == []
    holder = weir.as_holder(weir.create_token([], "unfiltered"))
    searched = holder.request("POST", "/watched-1/_search", {})
    assert (searched.status_code, searched.json()["error"]["code"]) == (503, MAPPINGS_UNKNOWN)
    assert holder.request("GET", "/").status_code == 200
    assert weir.admin.request("GET", "/readyz").status_code == 503


def test_an_upstream_that_goes_away_widens_nothing(start_weir):
    with wire.Upstream() as upstream:
        weir = start_weir(upstream.url, indices=["watched-*"], flags=FAST)
        token = weir.create_token([("team", "a")])
    eventually(lambda: weir.log().count("mappings_not_learnt"), 1)
    answer = weir.as_holder(token).request("POST", "/watched-1/_search", {})
    assert answer.json()["error"]["code"] == "upstream.unreachable"
    assert weir.admin.request("POST", "/v1/shared-tokens/filters", {"field": "new", "value": "a"}).status_code == 503
