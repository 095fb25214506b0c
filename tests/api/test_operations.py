"""The published operations over HTTP: shapes, status codes, and what is refused."""
import json
import re
import time

import pytest

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TOKENS, FILTERS = "/v1/shared-tokens", "/v1/shared-tokens/filters"
JSON = {"Content-Type": "application/json"}


def assert_error(response, status, message=None):
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    assert set(body) == {"message", "errorCode", "requestId", "parameters"}
    assert body["requestId"] == response.headers["X-Weir-Request-Id"]
    if message is not None:
        assert body["message"] == message


def test_the_life_of_a_filter(weir):
    made = weir.admin.json("POST", FILTERS, {"field": "http.status", "value": "503", "description": "503 responses"})
    assert made == {"id": made["id"], "field": "http.status", "value": "503", "description": "503 responses"}
    assert isinstance(made["id"], int)
    assert weir.admin.json("GET", f"{FILTERS}/{made['id']}") == made
    assert weir.admin.json("GET", FILTERS) == [made]
    deleted = weir.admin.request("DELETE", f"{FILTERS}/{made['id']}")
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert "Content-Type" not in deleted.headers
    assert_error(weir.admin.request("GET", f"{FILTERS}/{made['id']}"), 400, f"filter with id {made['id']} not found for account default")
    assert weir.admin.json("GET", FILTERS) == []


def test_the_life_of_a_token(weir):
    first, second = weir.create_filter("team", "x"), weir.create_filter("team", "y")
    before = time.time()
    made = weir.admin.json("POST", TOKENS, {"tokenName": "dashboard", "filters": [second, first]})
    assert list(made) == ["id", "name", "token", "filters", "lastUsed", "expirationDate", "filtersOperator"]
    assert made["name"] == "dashboard"
    assert UUID.fullmatch(made["token"])
    assert sorted(made["filters"]) == [first, second]
    assert made["lastUsed"] is None
    assert made["filtersOperator"] == "AND"
    assert before + 7 * 86400 - 2 <= made["expirationDate"] <= time.time() + 7 * 86400
    assert weir.admin.json("GET", f"{TOKENS}/{made['id']}") == made
    assert weir.admin.json("GET", TOKENS) == [made]

    changed = weir.admin.request("PUT", f"{TOKENS}/{made['id']}", {"filters": [first], "filtersOperator": "OR"})
    assert changed.status_code == 200
    assert changed.json() == {**made, "filters": [first], "filtersOperator": "OR", "widens": True, "widensTokens": 1}
    assert changed.headers["X-Weir-Widened"] == str(made["id"])

    deleted = weir.admin.request("DELETE", f"{TOKENS}/{made['id']}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert "Content-Length" not in deleted.headers
    assert_error(weir.admin.request("GET", f"{TOKENS}/{made['id']}"), 400, f"token with id {made['id']} not found for account default")


def test_times_are_seconds_with_nine_digits(weir):
    text = weir.admin.request("POST", TOKENS, {"expirationDate": 1999999999.5}).text
    assert '"expirationDate":1999999999.000000000' in text
    text = weir.admin.request("POST", TOKENS, {"expirationDate": 1999999999123}).text
    assert '"expirationDate":1999999999.000000000' in text
    assert '"expirationDate":null' in weir.admin.request("POST", TOKENS, {"expirationDate": None}).text


def test_no_filters_are_null(weir):
    filter_id = weir.create_filter("team", "x")
    made = weir.admin.json("POST", TOKENS, {"tokenName": "all", "filters": []})
    assert made["filters"] is None
    attached = weir.admin.json("PUT", f"{TOKENS}/{made['id']}", {"filters": [filter_id]})
    assert attached["filters"] == [filter_id] and attached["widens"] is False
    assert weir.admin.json("PUT", f"{TOKENS}/{made['id']}", {"filters": []})["filters"] is None


@pytest.mark.parametrize("body", [{"tokenName": "n", "filters": []}, {"post": {"tokenName": "n", "filters": []}}, {"name": "n"}])
def test_both_published_bodies_create(weir, body):
    assert weir.admin.json("POST", TOKENS, body)["name"] == "n"


def test_creating_needs_no_body(weir):
    response = weir.admin.request("POST", TOKENS)
    assert response.status_code == 200 and response.json()["filters"] is None


@pytest.mark.parametrize("value", ["Zürich 北京 🚀", "a b/c:d\"e'f\\g", "<script>", "x" * 1024, "%00", "\n"])
def test_any_exact_value(weir, filters_sent, value):
    filter_id = weir.create_filter("team", value)
    assert weir.admin.json("GET", f"{FILTERS}/{filter_id}")["value"] == value
    token = weir.admin.json("POST", TOKENS, {"filters": [filter_id]})
    assert filters_sent(weir, token) == {("team", value)}


def test_wildcards_only_as_characters(weir, filters_sent):
    refused = weir.admin.request("POST", FILTERS, {"field": "team", "value": "pay*"})
    assert_error(refused, 400)
    assert "wildcards are not supported" in refused.json()["message"]
    made = weir.admin.json("POST", FILTERS, {"field": "team", "value": "pay*", "literal": True})
    assert made["literal"] is True
    token = weir.admin.json("POST", TOKENS, {"filters": [made["id"]]})
    assert filters_sent(weir, token) == {("team", "pay*")}


@pytest.mark.parametrize("body", [
    {"field": "team"}, {"value": "x"}, {"field": "", "value": "x"}, {"field": "a b", "value": "x"}, {"field": "a*", "value": "x"},
    {"field": "_id", "value": "x"}, {"field": "team", "value": ""}, {"field": "team", "value": 5}, {"field": "team", "value": "x" * 1025},
    {"field": "team", "value": "x", "colour": "red"}, {"field": "team", "value": "x", "literal": "yes"}, [], "x", None])
def test_refused_filters(weir, body):
    response = weir.admin.request("POST", FILTERS, data=json.dumps(body), headers=JSON)
    assert_error(response, 400)
    assert weir.admin.json("GET", FILTERS) == []


@pytest.mark.parametrize("body", [
    {"filters": [4711]}, {"filters": [1, 1]}, {"filters": "1"}, {"filters": [1.5]}, {"filtersOperator": "XOR"}, {"expirationDate": "soon"},
    {"expirationDate": 1000000000}, {"expirationDate": -1}, {"tokenName": 5}, {"tokenName": "x" * 257}, {"tokenName": "a", "name": "b"},
    {"token": "my-own-secret"}, {"filterIds": []}, {"post": []}])
def test_refused_tokens(weir, body):
    assert_error(weir.admin.request("POST", TOKENS, body), 400)
    assert weir.admin.json("GET", TOKENS) == []


@pytest.mark.parametrize("body", [{}, {"filters": None}, {"filters": [4711]}, {"filters": [], "filtersOperator": "or"},
                                  {"filters": [], "tokenName": 7}, {"filters": [], "lastUsed": None}, {"filters": [], "enabled": None}])
def test_refused_updates_change_nothing(weir, body):
    token = weir.admin.json("POST", TOKENS, {"tokenName": "n", "filters": [weir.create_filter("team", "x")]})
    assert_error(weir.admin.request("PUT", f"{TOKENS}/{token['id']}", body), 400)
    assert weir.admin.json("GET", f"{TOKENS}/{token['id']}") == token


@pytest.mark.parametrize("data", [
    b"{", b"{}{}", b"{} x", b'{"filters":[],}', b"{'filters':[]}", b'{"filters":[],"filters":[]}', b'{"filters":[],"f\\u0069lters":[]}',
    b'{"filters":[]}\x00', b'{"filters":[]}\x00{"filters":[1]}', b'\xef\xbb\xbf{"filters":[]}', '{"filters":[]}'.encode("utf-16"),
    b'{"filters":[],"tokenName":"\xff"}', b'{"filters":[],"tokenName":"\\ud800"}', b'{"filters":[],"tokenName":"\\udc00"}',
    b"/* */{}", b"[" * 100_000, b"nul", b" "])
def test_bodies_are_strict_json(weir, data):
    assert_error(weir.admin.request("POST", TOKENS, data=data, headers=JSON), 400)
    assert weir.admin.json("GET", TOKENS) == []


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/yaml", "application/x-ndjson"])
def test_json_only(weir, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    assert_error(weir.admin.request("POST", TOKENS, data=b"{}", headers=headers), 415)
    assert_error(weir.admin.request("PUT", f"{TOKENS}/1", data=b'{"filters":[]}', headers=headers), 415)


def test_bodies_have_a_limit(weir):
    response = weir.admin.request("POST", TOKENS, data=b'{"tokenName":"' + b"x" * (2 << 20) + b'"}', headers=JSON)
    assert_error(response, 413)
    assert weir.admin.json("GET", TOKENS) == []


@pytest.mark.parametrize("method, path, allow", [
    ("PUT", TOKENS, "GET, POST"), ("DELETE", TOKENS, "GET, POST"), ("POST", f"{TOKENS}/1", "GET, PUT, PATCH, DELETE"),
    ("PUT", FILTERS, "GET, POST"), ("DELETE", FILTERS, "GET, POST"), ("POST", f"{FILTERS}/1", "GET, PUT, PATCH, DELETE"),
    ("GET", f"{TOKENS}/1/rotate", "POST"), ("GET", f"{TOKENS}/bulk", "POST"), ("PUT", f"{TOKENS}/limits", "GET"), ("POST", "/v1/audit", "GET"), ("PUT", "/v1/traces", "GET, POST"), ("GET", "/v1/traces/1", "DELETE"), ("POST", "/openapi.json", "GET")])
def test_wrong_methods(weir, method, path, allow):
    response = weir.admin.request(method, path, {})
    assert_error(response, 405)
    assert response.headers["Allow"] == allow


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/shared-tokens/", "/v1/shared-tokens/1/filters", "/v1/shared-tokens/filters/1/2", "/v2/shared-tokens"])
def test_unknown_endpoints(weir, path):
    response = weir.admin.request("GET", path)
    assert_error(response, 404, "The endpoint doesn't exist")
    assert response.json()["errorCode"] == "endpoints/UNKNOWN_ENDPOINT"


@pytest.mark.parametrize("identifier", ["0", "-1", "abc", "1.0", "2147483648", "%31"])
def test_ids_are_int32(weir, identifier):
    assert_error(weir.admin.request("GET", f"{TOKENS}/{identifier}"), 400)
    assert_error(weir.admin.request("DELETE", f"{FILTERS}/{identifier}"), 400)


def test_deleting_a_filter_tells_whom_it_widens(weir):
    shared, other = weir.create_filter("team", "x"), weir.create_filter("team", "y")
    both = weir.admin.json("POST", TOKENS, {"filters": [shared, other]})["id"]
    only = weir.admin.json("POST", TOKENS, {"filters": [shared]})["id"]
    either = weir.admin.json("POST", TOKENS, {"filters": [shared, other], "filtersOperator": "OR"})["id"]
    response = weir.admin.request("DELETE", f"{FILTERS}/{shared}")
    assert response.status_code == 200
    assert response.headers["X-Weir-Widened"] == f"{both}, {only}"
    assert weir.admin.json("GET", f"{TOKENS}/{only}")["filters"] is None
    assert weir.admin.json("GET", f"{TOKENS}/{either}")["filters"] == [other]


def test_an_api_token_is_needed(weir):
    weir.admin.session.headers.pop("X-API-TOKEN")
    for headers in ({}, {"X-API-TOKEN": "nonsense"}, {"X-API-TOKEN": ""}, {"Authorization": "Bearer x"}):
        response = weir.admin.request("GET", TOKENS, headers=headers)
        assert_error(response, 401)
        assert "WWW-Authenticate" in response.headers
    assert weir.admin.request("GET", "/openapi.json").status_code == 200


def test_a_shared_token_is_no_api_token(weir):
    token = weir.admin.json("POST", TOKENS, {})
    assert_error(weir.admin.request("GET", TOKENS, headers={"X-API-TOKEN": token["token"]}), 401)
    assert weir.as_holder(weir.api_token).request("GET", "/logs-1/_search").status_code == 401


def test_the_api_is_not_at_the_gate(weir):
    response = weir.gate.request("GET", TOKENS, headers={"X-API-TOKEN": weir.api_token})
    assert response.status_code == 401
