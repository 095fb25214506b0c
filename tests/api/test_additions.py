"""What is added to the published API, where more than one request or a holder at the gate takes part."""
import concurrent.futures
import json
import sqlite3
import threading
import time

import pytest

import nodes
import wire

TOKENS, FILTERS = "/v1/shared-tokens", "/v1/shared-tokens/filters"


def status(weir, token):
    got = weir.as_holder(token).request("POST", "/logs-1/_search", {"query": {"match_all": {}}})
    assert got.status_code in (200, 401), got.text
    return got.status_code


def test_a_disabled_token_is_like_one_that_does_not_exist(weir):
    token = weir.create_token([("team", "x")])
    unknown = weir.as_holder("6c1f3f0e-0000-4000-8000-000000000000").request("GET", "/logs-1/_search")
    for enabled in (False, True, False):
        weir.admin.json("PATCH", f"{TOKENS}/{token['id']}", {"enabled": enabled})
        got = weir.as_holder(token).request("GET", "/logs-1/_search")
        assert got.status_code == (200 if enabled else 401)
        if not enabled:
            assert {**got.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


def test_rotation_at_once(weir):
    token = weir.create_token([("team", "x")])
    assert status(weir, token) == 200
    for _ in range(10):
        rotated = weir.admin.json("POST", f"{TOKENS}/{token['id']}/rotate")
        assert (status(weir, token), status(weir, rotated)) == (401, 200)
        token = rotated


def test_rotation_with_a_grace(weir, filters_sent):
    token = weir.create_token([("team", "x")])
    rotated = weir.admin.json("POST", f"{TOKENS}/{token['id']}/rotate", {"grace": 2})
    begin = time.time()
    assert abs(rotated["formerUntil"] - begin - 2) < 2
    assert filters_sent(weir, token) == filters_sent(weir, rotated) == {("team", "x")}
    weir.admin.json("PATCH", f"{TOKENS}/{token['id']}", {"filters": [weir.create_filter("team", "y")]})
    assert filters_sent(weir, token) == filters_sent(weir, rotated) == {("team", "y")}
    nodes.until(lambda: status(weir, token) == 401)
    assert time.time() - begin > 0.5
    assert status(weir, rotated) == 200
    assert "formerUntil" not in weir.admin.json("GET", f"{TOKENS}/{token['id']}")


def test_a_rotated_secret_survives_a_restart(weir):
    token = weir.create_token([("team", "x")])
    rotated = weir.admin.json("POST", f"{TOKENS}/{token['id']}/rotate", {"grace": 3600})
    off = weir.create_token([("team", "x")], enabled=False)
    weir.stop()
    weir.start()
    assert (status(weir, token), status(weir, rotated), status(weir, off)) == (200, 200, 401)
    assert [(token["token"], token["filters"]) for token in weir.admin.json("GET", TOKENS)] == [(rotated["token"], [1]), (off["token"], [2])]


@pytest.mark.parametrize("change", [("POST", "/rotate", None), ("PATCH", "", {"enabled": False})])
def test_an_answer_under_way_does_not_outlive_its_secret(start_weir, change):
    """The search is with the cluster when the secret ends: its answer is not passed on."""
    arrived, go = threading.Event(), threading.Event()

    def respond(request, connection):
        arrived.set()
        assert go.wait(10)
        return wire.answer()

    with wire.Upstream(respond) as upstream:
        weir = start_weir(upstream)
        token = weir.create_token([("team", "x")])
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = pool.submit(status, weir, token)
            assert arrived.wait(10)
            method, path, body = change
            assert weir.admin.request(method, f"{TOKENS}/{token['id']}{path}", body).status_code == 200
            go.set()
            assert running.result() == 401


def test_a_grace_that_ends_under_way(start_weir):
    arrived, go = threading.Event(), threading.Event()

    def respond(request, connection):
        arrived.set()
        assert go.wait(10)
        return wire.answer()

    with wire.Upstream(respond) as upstream:
        weir = start_weir(upstream)
        token = weir.create_token([("team", "x")])
        rotated = weir.admin.json("POST", f"{TOKENS}/{token['id']}/rotate", {"grace": 2})
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = [pool.submit(status, weir, secret) for secret in (token, rotated)]
            nodes.until(lambda: len(upstream.requests) == 2)
            time.sleep(max(0, rotated["formerUntil"] - time.time()) + 0.1)
            go.set()
            assert [search.result() for search in running] == [401, 200]


def test_of_many_with_one_etag_one_wins(weir):
    made = weir.admin.request("POST", TOKENS, {"name": "0"})
    path, etag = f"{TOKENS}/{made.json()['id']}", made.headers["ETag"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: nodes.Http(weir.admin_url, {"X-API-TOKEN": weir.api_token}).request("PATCH", path, {"name": str(n)}, headers={"If-Match": etag}), range(1, 17)))
    assert sorted(response.status_code for response in got) == [200] + [412] * 15
    winner = next(response for response in got if response.status_code == 200)
    assert weir.admin.json("GET", path)["name"] == winner.json()["name"]
    assert {json.loads(response.text)["parameters"]["etag"] for response in got if response.status_code == 412} == {winner.headers["ETag"]}


def test_of_many_with_one_client_key_all_get_the_same(weir):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: nodes.Http(weir.admin_url, {"X-API-TOKEN": weir.api_token}).json("POST", TOKENS, {"clientKey": "terraform/1"}), range(16)))
    assert made == [made[0]] * 16 and weir.admin.json("GET", TOKENS) == [made[0]]


def test_an_account_has_so_many_calls_at_once(start_weir, upstream):
    """A change waits for the store, which somebody else has locked: the calls behind it wait with it, until the account has its share."""
    weir = start_weir(upstream, indices=None, config='[[account]]\nname = "default"\nindices = ["logs-*"]\nmax_concurrent_calls = 3\n')
    weir.admin.json("GET", TOKENS)  # now it is known whose the API token is
    assert weir.admin.json("GET", f"{TOKENS}/limits")["maxConcurrentCalls"] == 3
    callers = [nodes.Http(weir.admin_url, {"X-API-TOKEN": weir.api_token}) for _ in range(8)]
    lock = sqlite3.connect(weir.folder / "data" / "weir.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        running = [pool.submit(caller.request, "POST", TOKENS, {}) for caller in callers]
        nodes.until(lambda: sum(call.done() for call in running) >= 5)
        assert weir.admin.request("GET", "/healthz").status_code == 200, "this waits for nobody"
        lock.execute("ROLLBACK")
        got = [call.result() for call in running]
    lock.close()
    assert sorted(response.status_code for response in got) == [200] * 3 + [429] * 5
    refused = next(response for response in got if response.status_code == 429)
    assert refused.headers["Retry-After"] == "1" and refused.json()["errorCode"] == "auth/TOO_MANY_CALLS"
    assert len(weir.admin.json("GET", TOKENS)) == 3, "a place is given back"


def test_a_reload_changes_what_accounts_may(start_weir, upstream):
    account = '[[account]]\nname = "default"\nindices = ["logs-*"]\n'
    weir = start_weir(upstream, indices=None, config=account)
    token = weir.create_token([("team", "x")])
    path = f"{TOKENS}/{token['id']}"
    assert weir.admin.request("PATCH", path, {"expirationDate": None}).status_code == 200
    import signal
    (weir.folder / "weir.toml").write_text(account + 'max_tokens = 1\nconfirm_widening = true\ndefault_ttl = "1h"\n')
    weir.process.send_signal(signal.SIGHUP)
    nodes.until(lambda: weir.admin.json("GET", f"{TOKENS}/limits")["maxAllowedTokens"] == 1)
    assert weir.admin.request("POST", TOKENS, {}).json()["errorCode"] == "shared-tokens/LIMIT_REACHED"
    assert weir.admin.request("PATCH", path, {"filters": []}).json()["errorCode"] == "shared-tokens/CONFIRM_WIDENING"
    assert weir.admin.request("PATCH", f"{path}?confirm=widen", {"filters": []}).status_code == 200


def test_the_audit_holds_no_secret(weir):
    token = weir.create_token([("team", "x")])
    rotated = weir.admin.json("POST", f"{TOKENS}/{token['id']}/rotate", {"grace": 60})
    weir.admin.request("DELETE", f"{TOKENS}/{token['id']}")
    text = weir.admin.request("GET", "/v1/audit").text
    for secret in (token["token"], rotated["token"], weir.api_token):
        assert secret not in text and secret not in weir.log()
    assert [entry["operation"] for entry in json.loads(text)["results"]] == ["deleteToken", "rotateToken", "createToken", "createFilter"]


@pytest.mark.parametrize("head, expected", [
    ("GET /v1/shared-tokens?page=1", 400), ("GET /v1/shared-tokens?", 400), ("GET /v1/audit?", 200), ("GET /v1/audit?limit=1&limit=2", 400),
    ("GET /v1/audit?limit=%31", 200), ("GET /v1/audit?limit=%3", 400), ("GET /v1/audit?%6cimit=1", 400), ("GET /v1/shared-tokens/1/rotate", 405),
    ("POST /v1/shared-tokens/1%2frotate", 405), ("GET /v1/shared-tokens/Limits", 400), ("TRACE /v1/shared-tokens", 405), ("GET /v1/shared-tokens/;a/rotate", 405)])
def test_raw_requests(weir, head, expected):
    with wire.Client(weir.admin_port) as client:
        got = client.send(f"{head} HTTP/1.1\r\nHost: h\r\nX-API-Token: {weir.api_token}\r\n\r\n").receive()
    assert got.status == expected, got.body
    assert expected != 405 or got.headers["allow"]


def test_limits_of_a_token_hold_at_once(weir):
    token = weir.create_token([("team", "x")])
    path = f"{TOKENS}/{token['id']}"
    for limits, expected in (({"networks": ["192.0.2.0/24"]}, 403), ({"networks": ["127.0.0.0/8"]}, 200), ({"referrers": ["https://a.example"]}, 403), (None, 200)):
        weir.admin.json("PATCH", path, {"limits": limits})
        got = weir.as_holder(token).request("GET", "/logs-1/_search")
        assert got.status_code == expected, (limits, got.text)
    weir.admin.json("PATCH", path, {"limits": {"requestsPerSecond": 0.001}})
    assert [weir.as_holder(token).request("GET", "/logs-1/_search").status_code for _ in range(3)][1:] == [429, 429]
