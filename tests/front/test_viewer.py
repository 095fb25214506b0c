"""The built-in viewer's questions, asked at a real OpenSearch: the answers are what the gate gives the same token, and nothing else can be asked."""
import pytest

import nodes

SEARCH = {"size": 5, "track_total_hits": True, "sort": [{"@timestamp": "desc"}, {"trace": "asc"}],
          "aggs": {"teams": {"terms": {"field": "team", "size": 20}}, "first": {"min": {"field": "@timestamp"}}}}
NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture(scope="module")
def weir(tmp_path_factory, sampled_opensearch):
    with nodes.Weir(tmp_path_factory.mktemp("viewer") / "weir", sampled_opensearch, front=True) as weir:
        yield weir


@pytest.fixture(scope="module")
def token(weir):
    return weir.create_token([("team", "payments")])


@pytest.fixture
def visitor(weir, token):
    front = nodes.Http(weir.front_url)
    answer = front.request("GET", f"/app/dashboards?shareToken={token['token']}", headers=NAVIGATION)
    assert answer.status_code == 200 and answer.url == f"{weir.front_url}/app/dashboards"
    assert "Shared logs" in answer.text
    return front


def without_time(answer):
    return {key: value for key, value in answer.items() if key != "took"}


def test_a_search_is_what_the_gate_answers(weir, token, visitor, sampled_opensearch):
    seen = visitor.json("POST", "/.weir/gate/_search", SEARCH)
    gate = weir.as_holder(token).json("POST", "/_search", SEARCH)
    assert without_time(seen) == without_time(gate)
    assert [bucket["key"] for bucket in seen["aggregations"]["teams"]["buckets"]] == ["payments"]
    direct = sampled_opensearch.json("POST", "/logs-*/_count", {"query": {"term": {"team": "payments"}}})["count"]
    assert seen["hits"]["total"]["value"] == direct > 0


def test_fields_are_what_the_gate_lists(weir, token, visitor):
    seen = visitor.json("GET", "/.weir/gate/_field_caps")["fields"]
    gate = weir.as_holder(token).json("GET", "/_field_caps?fields=*")["fields"]
    assert set(seen) == set(gate) and "date" in seen["@timestamp"]


def test_the_gate_refuses_for_the_viewer_too(visitor):
    answer = visitor.request("POST", "/.weir/gate/_search", {"aggs": {"all": {"global": {}, "aggs": {"t": {"terms": {"field": "team", "min_doc_count": 0}}}}}})
    assert answer.status_code == 403 and answer.json()["error"]["code"].startswith("agg.")


@pytest.mark.parametrize("method, path", [("POST", "/.weir/gate/_msearch"), ("GET", "/.weir/gate/_search"), ("POST", "/.weir/gate/logs-2026.01.05/_search"), ("GET", "/.weir/gate/_cat/indices"),
                                          ("DELETE", "/.weir/gate/_search"), ("PUT", "/.weir/gate/_field_caps"), ("GET", "/.weir/gate/"), ("GET", "/.weir/"), ("GET", "/favicon.ico")])
def test_nothing_else_is_there(visitor, method, path):
    assert visitor.request(method, path, headers={"Sec-Fetch-Mode": "cors"}).status_code == 404


def test_no_parameters_get_through(weir, token, visitor):
    changed = visitor.json("POST", "/.weir/gate/_search?q=team:search&size=1&index=secrets-2026", SEARCH)
    assert changed["hits"]["total"] == visitor.json("POST", "/.weir/gate/_search", SEARCH)["hits"]["total"]


def test_a_page_of_another_link_is_told(weir, visitor):
    view = visitor.json("GET", "/.weir/view")["view"]
    assert visitor.request("POST", "/.weir/gate/_search", SEARCH, headers={"X-Weir-View": view}).status_code == 200
    other = weir.create_token([("team", "search")])
    visitor.request("GET", f"/?shareToken={other['token']}", headers=NAVIGATION)
    answer = visitor.request("POST", "/.weir/gate/_search", SEARCH, headers={"X-Weir-View": view})
    assert answer.status_code == 409 and answer.json()["code"] == "front.other_view"


def test_revoked_while_open(weir):
    token = weir.create_token([("team", "catalog")])
    front = nodes.Http(weir.front_url, {"Cookie": f"weir={token['token']}"})
    assert front.request("POST", "/.weir/gate/_search", SEARCH).status_code == 200
    weir.admin.json("DELETE", f"/v1/shared-tokens/{token['id']}")
    assert front.request("POST", "/.weir/gate/_search", SEARCH).status_code == 401
    assert front.request("GET", "/", headers=NAVIGATION).status_code == 401


def test_the_page_may_load_nothing_from_elsewhere(visitor):
    page = visitor.request("GET", "/", headers=NAVIGATION)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';") and "unsafe" not in policy
    assert policy.endswith("frame-ancestors 'self'")
    for name, kind in (("viewer.js", "text/javascript"), ("viewer.css", "text/css"), ("marker.js", "text/javascript")):
        asset = visitor.request("GET", f"/.weir/{name}")
        assert asset.status_code == 200 and asset.headers["content-type"].startswith(kind) and asset.headers["x-content-type-options"] == "nosniff"
        assert "http://" not in asset.text.replace("http://www.w3.org/2000/svg", "") and "https://" not in asset.text
