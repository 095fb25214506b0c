"""What a token's operator may set beside its filters, held by the gate; what is counted and kept of denials; and traces."""
import json
import sqlite3
import threading
import time

import pytest

import wire
from nodes import until

TOKENS = "/v1/shared-tokens"
BIG = json.dumps({**json.loads(wire.SEARCH_ANSWER), "padding": "x" * 300_000}).encode()


@pytest.fixture
def limited(start_weir):
    """A function: the gate with one token that has these limits, in front of an upstream; gives both and the token."""
    upstreams = []

    def start(limits, respond=None, **more):
        upstreams.append(wire.Upstream(respond))
        weir = start_weir(upstreams[-1].url, flags=["--gate-threads", "1"], **more)
        created = weir.create_token([("team", "a")], limits=limits)
        return weir, upstreams[-1], created

    yield start
    for upstream in upstreams:
        upstream.close()


def search(weir, created, **headers):
    return weir.as_holder(created).request("POST", "/logs-1/_search", {}, headers=headers)


def code(response):
    return response.json()["error"]["code"]


def records(weir, event="request"):
    found = [json.loads(line) for line in weir.log().splitlines() if line.startswith("{")]
    return [record for record in found if record["event"] == event]


def test_the_rate(limited):
    weir, upstream, created = limited({"requestsPerSecond": 2})
    begin = time.monotonic()
    answers = [search(weir, created) for _ in range(6)]
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 4 - 2 * (time.monotonic() - begin) and refused
    assert {code(answer) for answer in refused} == {"limit.rate"} and {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert len(upstream.requests) == 6 - len(refused)
    time.sleep(1.1)
    assert search(weir, created).status_code == 200
    other = weir.create_token([("team", "b")])
    assert [search(weir, other).status_code for _ in range(5)] == [200] * 5, "another token has no such limit"


def test_networks(limited):
    weir, upstream, created = limited({"networks": ["10.0.0.0/8", "2001:db8::/32"]})
    answer = search(weir, created)
    assert (answer.status_code, code(answer)) == (403, "token.network")
    assert search(weir, created, **{"X-Forwarded-For": "10.1.2.3"}).status_code == 403, "anybody can write that header"
    assert not upstream.requests
    # Nobody fills the memory of the gate from elsewhere: it does not wait for the body.
    with wire.Client(weir.gate_port) as client:
        head = f"POST /logs-1/_search HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {created['token']}\r\nContent-Length: 1000000\r\n\r\n"
        assert client.send(head).receive().status == 403
    weir, _, created = limited({"networks": ["127.0.0.0/8"]})
    assert search(weir, created).status_code == 200


def test_referrers(limited):
    weir, _, created = limited({"referrers": ["https://app.example"]})
    answer = search(weir, created)
    assert (answer.status_code, code(answer)) == (403, "token.referrer")
    assert search(weir, created, Origin="https://app.example").status_code == 200
    assert search(weir, created, Referer="https://app.example/page?x").status_code == 200
    assert search(weir, created, Origin="https://evil.example").status_code == 403


def test_searches_at_once(limited):
    free = threading.Event()

    def respond(request, connection):
        free.wait(10)
        return wire.answer()

    weir, upstream, created = limited({"concurrentSearches": 1}, respond)
    other = weir.create_token([("team", "b")])
    answers = []
    first = threading.Thread(target=lambda: answers.append(search(weir, created)))
    first.start()
    until(lambda: upstream.requests)
    refused = search(weir, created)
    assert (refused.status_code, code(refused)) == (429, "limit.concurrency")
    second = threading.Thread(target=lambda: answers.append(search(weir, other)))
    second.start()
    until(lambda: len(upstream.requests) == 2)
    free.set()
    first.join()
    second.join()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert search(weir, created).status_code == 200


def chunked(body, step=50_000):
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[at:at + step] for at in range(0, len(body), step)))
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"


def ask(weir, created, target="/logs-1/_search"):
    """The bytes of the answer's body, or None if it was broken off."""
    with wire.Client(weir.gate_port) as client:
        client.send(f"POST {target} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {created['token']}\r\nContent-Length: 0\r\n\r\n")
        try:
            answer = client.receive()
        except wire.Closed:
            return None
        return answer.body if answer.status == 200 else json.loads(answer.body)["error"]["code"]


@pytest.mark.parametrize("target", ["/logs-1/_search", "/logs-1/_search?scroll=1m"])  # passed on, and edited
def test_bytes_of_an_answer(limited, target):
    bodies = []
    weir, _, created = limited({"responseBytes": 200_000}, lambda request, connection: bodies[-1])
    bodies.append(wire.answer())
    assert len(ask(weir, created, target)) < 200_000
    bodies.append(wire.answer(BIG))
    if target.endswith("_search"):
        assert ask(weir, created, target) == "limit.response", "its length is known"
    else:
        assert ask(weir, created, target) in (None, "limit.response")
    bodies.append(chunked(BIG))
    assert ask(weir, created, target) in (None, "limit.response"), "what has begun is cut, and never looks whole"
    until(lambda: len([record for record in records(weir) if record.get("code") == "limit.response"]) == 2)
    assert {record["stage"] for record in records(weir) if record.get("code") == "limit.response"} == {"limit"}
    bodies.append(wire.answer())
    assert len(ask(weir, created, target)) < 200_000


def test_limits_that_cannot_be_read_let_nothing_through(start_weir, upstream):
    weir = start_weir(upstream)
    weir.create_token([("team", "a")])
    weir.stop()
    with sqlite3.connect(weir.folder / "data" / "weir.db") as store:
        store.execute("UPDATE tokens SET limits = ?", ['{"networks":["nonsense"]}'])
    with pytest.raises(AssertionError, match="token 1: `networks` holds `nonsense`"):
        weir.start()
    weir.process = None


def test_denials_are_counted_and_kept(start_weir, upstream):
    weir = start_weir(upstream)
    created = weir.create_token([("team", "secret-value-4711")])
    holder = weir.as_holder(created)
    assert holder.request("POST", "/logs-1/_search", {}).status_code == 200
    assert holder.request("POST", "/logs-1/_search", {"aggs": {"a": {"sampler": {}}}}).status_code == 403
    assert holder.request("POST", "/logs-1/_bulk", {}).status_code == 403
    assert weir.gate.request("POST", "/logs-1/_search", {}, headers={"Authorization": "Bearer nobody"}).status_code == 401
    assert weir.admin.json("GET", f"{TOKENS}/{created['id']}").items() >= {"requests": 3, "denials": 2}.items()
    until(lambda: len(weir.admin.json("GET", "/v1/audit?kind=denial")["results"]) == 2)
    assert weir.admin.json("GET", f"{TOKENS}/{created['id']}").items() >= {"requests": 3, "denials": 2}.items()
    weir.stop()
    with sqlite3.connect(weir.folder / "data" / "weir.db") as store:
        assert store.execute("SELECT requests, denials FROM tokens").fetchall() == [(3, 2)]
        rows = store.execute("SELECT account, token, route, code, request_id FROM audit WHERE kind = 'denial' ORDER BY id").fetchall()
    denied = [record for record in records(weir) if record["listener"] == "gate" and record.get("code") and record["token_id"]]
    assert rows == [("default", created["id"], record["route"], record["code"], record["id"]) for record in denied]
    assert [row[3] for row in rows] == ["agg.sampler", "route.write"]
    assert created["token"].encode() not in (weir.folder / "data" / "weir.db").read_bytes()


def test_denials_push_out_denials_only(start_weir, upstream, any_store):
    weir = start_weir(upstream, config="[audit]\nmax_denials = 3\n", store=any_store)
    created = weir.create_token([("team", "a")])
    changes = weir.admin.json("GET", "/v1/audit?kind=change")["results"]
    holder = weir.as_holder(created)
    ids = [holder.request("POST", "/logs-1/_bulk", {}).headers["X-Weir-Request-Id"] for _ in range(5)]
    until(lambda: [row["requestId"] for row in weir.admin.json("GET", "/v1/audit?kind=denial")["results"]] == ids[:1:-1])
    assert weir.admin.json("GET", "/v1/audit?kind=change")["results"] == changes != []


# --- traces


def test_a_trace_tells_the_stages_and_ends_by_itself(start_weir, upstream):
    weir = start_weir(upstream)
    created, other = weir.create_token([("team", "secret-value-4711")]), weir.create_token([("team", "b")])
    assert weir.admin.json("GET", "/v1/traces") == []
    search(weir, created)
    made = weir.admin.json("POST", "/v1/traces", {"token": created["id"], "sample": 1, "seconds": 2})
    assert made.items() >= {"token": created["id"], "sample": 1.0, "traced": 0}.items() and made["until"] > time.time()
    assert search(weir, created).status_code == 200
    assert search(weir, other).status_code == 200
    denied = weir.as_holder(created).request("POST", "/logs-1/_search", {"aggs": {"a": {"sampler": {}}}})
    until(lambda: len(records(weir, "trace")) == 2)
    good, bad = records(weir, "trace")
    assert good["trace"] == made["id"] and good["token_id"] == created["id"] and good["status"] == 200 and good["upstream_status"] == 200
    assert good["indices"] == ["logs-1"] and good["upstream_requests"] == 1 and good["redecisions"] == 0
    assert good["upstream_bytes_out"] > 0 and good["upstream_bytes_in"] > 0
    stages = good["stages"]
    assert {"decide", "upstream_head", "write"} <= set(stages) and sum(stages.values()) <= good["micros"]
    assert bad["id"] == denied.headers["X-Weir-Request-Id"] and bad["stage"] == "decide" and bad["where"].startswith("/aggs/a")
    assert weir.admin.json("GET", "/v1/traces")[0]["traced"] == 2
    until(lambda: not weir.admin.json("GET", "/v1/traces"))
    search(weir, created)
    time.sleep(0.2)
    assert len(records(weir, "trace")) == 2, "it has ended"
    assert "secret-value-4711" not in weir.log() and created["token"] not in weir.log()


def test_traces_of_an_index_and_of_a_route(start_weir, upstream):
    weir = start_weir(upstream)
    holder = weir.as_holder(weir.create_token([("team", "a")]))
    index = weir.admin.json("POST", "/v1/traces", {"index": "logs-1", "seconds": 60})["id"]
    route = weir.admin.json("POST", "/v1/traces", {"route": "count", "seconds": 60})["id"]
    holder.request("POST", "/logs-*/_search", {})
    holder.request("POST", "/_msearch", ndjson=[{"index": "logs-1"}, {}])
    holder.request("POST", "/logs-9/_search", {})
    holder.request("GET", "/logs-9/_count")
    until(lambda: len(records(weir, "trace")) >= 3)
    assert [(record["trace"], record["route"]) for record in records(weir, "trace")] == [(index, "search"), (index, "msearch"), (route, "count")]
    assert weir.admin.request("DELETE", f"/v1/traces/{index}").status_code == 204
    assert weir.admin.request("DELETE", f"/v1/traces/{index}").json()["errorCode"] == "traces/TRACE_NOT_FOUND"
    assert [row["id"] for row in weir.admin.json("GET", "/v1/traces")] == [route]


def test_an_order_to_trace_is_read_strictly(start_weir, upstream):
    weir = start_weir(upstream)
    for wrong in [{}, {"token": 1}, {"seconds": 1}, {"token": 1, "index": "a", "seconds": 1}, {"token": 0, "seconds": 1},
                  {"token": 1, "seconds": 0}, {"token": 1, "seconds": 86401}, {"token": 1, "until": 5}, {"token": 1, "seconds": 1, "until": 5},
                  {"token": 1, "seconds": 1, "sample": 0}, {"token": 1, "seconds": 1, "sample": 1.1}, {"token": 1, "seconds": 1, "more": 1},
                  {"route": "", "seconds": 1}, {"index": "a b", "seconds": 1}, {"token": 1, "until": "soon"}, {"token": 1, "until": "2026-11-22T18:30:00"},
                  {"token": 1, "until": time.time() + 86402}, {"token": 1, "until": None}, {"seconds": 1, "seconds ": 1}, [], "x"]:
        answer = weir.admin.request("POST", "/v1/traces", wrong)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "traces/INVALID_BODY"), wrong
    unknown = weir.admin.request("POST", "/v1/traces", {"route": "searches", "seconds": 1})
    assert (unknown.status_code, unknown.json()["errorCode"]) == (400, "traces/INVALID_BODY")
    assert "the README's table of endpoints" in unknown.json()["message"] and "`search`, `msearch`" in unknown.json()["message"]
    end = int(time.time()) + 60
    for value in (end, end + 0.5, end * 1000, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))):
        assert weir.admin.json("POST", "/v1/traces", {"token": 1, "until": value})["until"] == end
    assert weir.admin.request("POST", "/v1/traces", {"token": 1, "seconds": 9}).json()["errorCode"] == "traces/LIMIT_REACHED"
    assert weir.admin.request("GET", "/v1/traces", headers={"X-API-TOKEN": "wrong"}).status_code == 401
    assert weir.admin.request("POST", "/v1/traces", data=b'{"token":1,"seconds":9}', headers={"Content-Type": "text/plain"}).status_code == 415
    assert weir.admin.request("GET", "/v1/traces?page=1").status_code == 400
    assert weir.admin.request("DELETE", "/v1/traces/x").status_code == 400
