"""Errors of a real OpenSearch: a client gets the class and a code, and nothing of what the node says."""
import json

import pytest

from nodes import until

MAPPING = {"properties": {"team": {"type": "keyword"}, "text": {"type": "text"}, "n": {"type": "integer"}, "at": {"type": "date"}}}
SECRET = "hidden-word-in-a-hidden-document"


@pytest.fixture(scope="module")
def node(each_opensearch):
    each_opensearch.index("errors-1", {"1": {"team": "a", "n": 1, "at": "2026-01-01"}, "2": {"team": "b", "text": SECRET, "n": 2, "at": "2026-01-02"}}, MAPPING)
    each_opensearch.index("errors-closed", {"1": {"team": "a"}}, MAPPING)
    each_opensearch.json("POST", "/errors-closed/_close")
    return each_opensearch


@pytest.fixture
def holder(node, start_weir):
    weir = start_weir(node, indices=["errors-*"])
    return weir.as_holder(weir.create_token([("team", "a")]))


def check(response, status, code):
    """The gate's own error: the shape of OpenSearch, the code, and no word of the node's."""
    assert response.headers["Content-Type"].startswith("application/json")
    answer = response.json()
    assert (response.status_code, answer["status"], answer["error"]["root_cause"][0]["code"]) == (status, status, code), response.text
    assert answer.keys() == {"error", "status"} and answer["error"].keys() <= {"root_cause", "type", "reason", "code", "path"}
    for word in ("node", "shard", "lucene", "failed_shards", "caused_by", "stack_trace", "uuid", "errors-", SECRET, "org.opensearch", "Exception:"):
        assert word not in response.text, word


FAILING = {
    "missing index": (404, "upstream.no_index", "/errors-9/_search", {}),
    "missing index in a list": (404, "upstream.no_index", "/errors-1,errors-9/_search", {}),
    "closed index": (400, "upstream.rejected", "/errors-closed/_search", {}),
    "wrong type of value": (400, "upstream.rejected", "/errors-1/_search", {"query": {"term": {"n": SECRET}}}),
    "broken date": (400, "upstream.rejected", "/errors-1/_search", {"query": {"range": {"at": {"gte": "yesterday"}}}}),
    "broken regexp": (400, "upstream.rejected", "/errors-1/_search", {"query": {"regexp": {"team": "((("}}}),
    "broken query text": (400, "upstream.rejected", "/errors-1/_search", {"query": {"query_string": {"query": "((("}}}),
    "aggregation of text": (400, "upstream.rejected", "/errors-1/_search", {"aggs": {"t": {"terms": {"field": "text"}}}}),
    "sort by text": (400, "upstream.rejected", "/errors-1/_search", {"sort": ["text"]}),
    "unknown format": (400, "upstream.rejected", "/errors-1/_search", {"query": {"range": {"at": {"gte": "2026", "format": "bbb{"}}}}),
    "unknown path of buckets": (400, "upstream.rejected", "/errors-1/_search", {"aggs": {"m": {"max_bucket": {"buckets_path": "no>such"}}}}),
    "unknown time zone": (400, "upstream.rejected", "/errors-1/_search", {"query": {"range": {"at": {"gte": "2026-01-01", "time_zone": "Atlantis"}}}}),
    "count": (400, "upstream.rejected", "/errors-1/_count", {"query": {"term": {"n": "x"}}}),
    "count of a missing index": (404, "upstream.no_index", "/errors-9/_count", {}),
    "field capabilities of a missing index": (404, "upstream.no_index", "/errors-9/_field_caps?fields=*", None),
    "scroll over a missing index": (404, "upstream.no_index", "/errors-9/_search?scroll=1m", {}),
    "point in time of a missing index": (404, "upstream.no_index", "/errors-9/_search/point_in_time?keep_alive=1m", None),
}


@pytest.mark.parametrize("name", FAILING)
def test_an_error_of_the_cluster_is_mapped(holder, name):
    status, code, path, body = FAILING[name]
    check(holder.request("POST", path, body), status, code)


def test_too_many_buckets_is_the_clients_fault(node, holder):
    node.json("PUT", "/_cluster/settings", {"transient": {"search.max_buckets": 1}})
    try:
        response = holder.request("POST", "/errors-1/_search", {"aggs": {"d": {"date_histogram": {
            "field": "at", "fixed_interval": "1h", "extended_bounds": {"min": 1767225600000, "max": 1767398400000}}}}})
    finally:
        node.json("PUT", "/_cluster/settings", {"transient": {"search.max_buckets": None}})
    check(response, 400, "upstream.rejected")


def test_a_full_memory_is_a_reason_to_wait(node, holder):
    node.json("PUT", "/_cluster/settings", {"transient": {"indices.breaker.request.limit": "1b"}})
    try:
        response = holder.request("POST", "/errors-1/_search", {"aggs": {"t": {"terms": {"field": "team"}, "aggs": {"c": {"cardinality": {"field": "n"}}}}}})
    finally:
        node.json("PUT", "/_cluster/settings", {"transient": {"indices.breaker.request.limit": None}})
    check(response, 429, "upstream.busy")


# OpenSearch finds these while it reads the requests, and then answers none of an _msearch.
FOUND_EARLY = ("unknown format", "unknown path of buckets", "unknown time zone")


def test_errors_in_an_msearch_stand_in_their_places(holder):
    failing = [row for name, row in FAILING.items() if row[2].endswith("_search") and name not in FOUND_EARLY]
    searches = [(path.split("/")[1], body) for _, _, path, body in failing]
    lines = [line for index, body in searches for line in ({"index": index}, body)]
    answer = holder.request("POST", "/_msearch", ndjson=[{"index": "errors-1"}, {"size": 1}, *lines, {"index": "errors-1"}, {"size": 1}])
    items = answer.json()["responses"]
    expected = [(status, code) for status, code, _, _ in failing]
    assert [item["status"] for item in items] == [200, *(status for status, _ in expected), 200]
    assert [item["error"]["root_cause"][0]["code"] for item in items[1:-1]] == [code for _, code in expected]
    assert SECRET not in json.dumps(items[1:-1]) and "shard" not in json.dumps(items[1:-1])


@pytest.mark.parametrize("name", FOUND_EARLY)
def test_a_request_that_cannot_be_read_fails_the_msearch(holder, name):
    check(holder.request("POST", "/errors-1/_msearch", ndjson=[{}, {"size": 1}, {}, FAILING[name][3]]), 400, "upstream.rejected")


def test_the_node_says_why_in_the_log_only(node, start_weir):
    weir = start_weir(node, indices=["errors-*"], flags=["--log-level", "debug"])
    holder = weir.as_holder(weir.create_token([("team", "a")]))
    response = holder.request("POST", "/errors-1/_search", {"query": {"term": {"n": "x"}}})
    check(response, 400, "upstream.rejected")
    request = response.headers["x-weir-request-id"]

    def said():  # the log is written behind the answer
        return [line for line in weir.log().splitlines(keepends=True) if request in line and line.endswith("\n")]

    until(said)
    line = json.loads(said()[0])
    assert "number_format_exception" in line["upstream_error"] or "query_shard_exception" in line["upstream_error"]
