"""Documents by id: hidden and missing cannot be told apart by anything, whatever is done to the hidden one."""
import pytest

MAPPING = {"properties": {"team": {"type": "keyword"}, "text": {"type": "text"}, "kept": {"type": "keyword", "store": True}}}
LONG = "x" * 5_000


@pytest.fixture(scope="module")
def node(each_opensearch):
    each_opensearch.index("docs-1", {
        "mine": {"team": "a", "text": "mine", "kept": "k", "big": 18446744073709551615, "exact": 1.10},
        "hidden": {"team": "b", "text": LONG},
        "id with/slash and 日本": {"team": "a"},
    }, {**MAPPING, "dynamic": False}, {"number_of_shards": 3})
    each_opensearch.json("PUT", "/docs-1/_doc/routed?routing=somewhere&refresh=true", {"team": "a", "text": "routed"})
    return each_opensearch


@pytest.fixture
def holder(node, start_weir):
    weir = start_weir(node, indices=["docs-*"])
    return weir.as_holder(weir.create_token([("team", "a")]))


def shown(response, key):
    """Everything a holder can see of an answer, the asked id taken out."""
    headers = {name.lower(): value for name, value in response.headers.items() if name.lower() not in ("x-weir-request-id", "date")}
    return response.status_code, headers, response.content.replace(key.encode(), b"ID")


ASKED = {
    "GET _doc": lambda http, key: http.request("GET", f"/docs-1/_doc/{key}"),
    "HEAD _doc": lambda http, key: http.request("HEAD", f"/docs-1/_doc/{key}"),
    "GET _source": lambda http, key: http.request("GET", f"/docs-1/_source/{key}"),
    "HEAD _source": lambda http, key: http.request("HEAD", f"/docs-1/_source/{key}"),
    "GET _doc with fields": lambda http, key: http.request("GET", f"/docs-1/_doc/{key}?stored_fields=kept&_source=false"),
    "_mget": lambda http, key: http.request("POST", "/docs-1/_mget", {"ids": [key]}),
    "_mget of documents": lambda http, key: http.request("POST", "/_mget", {"docs": [{"_index": "docs-1", "_id": key, "routing": "r"}]}),
}


@pytest.mark.parametrize("way", ASKED)
def test_hidden_and_missing_are_the_same(node, holder, way):
    # Of one length, so that the lengths of the answers can be compared, too.
    missing = shown(ASKED[way](holder, "absent"), "absent")
    assert shown(ASKED[way](holder, "hidden"), "hidden") == missing
    node.json("POST", "/docs-1/_update/hidden", {"doc": {"text": "changed"}})  # not yet refreshed: in the log of writes only
    assert shown(ASKED[way](holder, "hidden"), "hidden") == missing
    node.json("PUT", "/docs-1/_doc/fresh1", {"team": "b"})
    assert shown(ASKED[way](holder, "fresh1"), "fresh1") == missing
    node.json("DELETE", "/docs-1/_doc/fresh1?refresh=true")


def test_a_document_that_leaves_the_filter_is_gone(node, holder):
    node.json("PUT", "/docs-1/_doc/moving?refresh=true", {"team": "a"})
    assert holder.json("GET", "/docs-1/_doc/moving")["_source"] == {"team": "a"}
    node.json("PUT", "/docs-1/_doc/moving?refresh=true", {"team": "b"})
    assert holder.request("GET", "/docs-1/_doc/moving").status_code == 404
    node.json("DELETE", "/docs-1/_doc/moving?refresh=true")


def test_a_visible_document_is_given_as_it_is(node, holder):
    answer = holder.request("GET", "/docs-1/_doc/mine")
    assert answer.status_code == 200
    assert b"18446744073709551615" in answer.content and b"1.1" in answer.content
    got = answer.json()
    assert {name: got[name] for name in ("_index", "_id", "found")} == {"_index": "docs-1", "_id": "mine", "found": True}
    assert got["_source"] == node.json("GET", "/docs-1/_source/mine") == holder.json("GET", "/docs-1/_source/mine")
    assert not {"_seq_no", "_primary_term", "_score"} & got.keys()
    assert holder.json("GET", "/docs-1/_doc/mine?stored_fields=kept")["fields"] == {"kept": ["k"]}


def test_ids_are_taken_as_they_are_meant(holder):
    assert holder.json("GET", "/docs-1/_doc/id%20with%2Fslash%20and%20%E6%97%A5%E6%9C%AC")["found"] is True
    assert holder.request("GET", "/docs-1/_doc/id%2520with").status_code == 404
    assert holder.json("GET", "/docs-1/_doc/routed?routing=somewhere")["found"] is True
    assert holder.json("POST", "/docs-1/_mget", {"docs": [{"_id": "routed", "routing": "somewhere"}]})["docs"][0]["found"] is True


def test_an_index_is_there_or_not(holder):
    assert [holder.request("HEAD", path).status_code for path in ("/docs-1", "/docs-9", "/docs-*", "/other-1")] == [200, 404, 200, 403]
