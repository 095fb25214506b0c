"""The support engineer: faults are injected, and a function that sees nothing but the log's records and /metrics names what failed."""
import json
import socket
import sqlite3
import struct
import time

import pytest

import nodes
import wire
from nodes import until

JSON = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
SECRET_VALUE = "payments-4711-confidential"
STAGES = {"head", "token", "body", "decide", "limit", "pool", "connect", "upstream_send", "upstream_head", "upstream_answer", "upstream_body",
          "epoch", "write"}

# What a stage and a code together mean. The engineer knows this table, the README's, and nothing of the test.
MEANINGS = {
    ("connect", "upstream.unreachable"): "the search cluster is down",
    ("pool", "upstream.unreachable"): "the pool of connections is full",
    ("upstream_head", "upstream.timeout"): "the search cluster is slow",
    ("upstream_head", "upstream.protocol"): "something that is no search cluster answers",
    ("upstream_head", "upstream.unreachable"): "the search cluster closes without an answer",
    ("upstream_body", "upstream.truncated"): "the search cluster breaks off in the middle",
    ("upstream_body", "upstream.protocol"): "the search cluster breaks off at the beginning",
    ("upstream_answer", "upstream.denied"): "the gate's own credential is refused",
    ("upstream_answer", "upstream.busy"): "the search cluster is overloaded",
    ("token", "token.conflict"): "the client sends two credentials",
    ("body", "body.too_large"): "the client's body is too large",
    ("body", "http.timeout"): "the client does not send its body",
    ("head", "http.timeout"): "the client does not send its head",
    ("head", "client.gone"): "the client leaves in the middle of its head",
    ("decide", "gate.mappings_unknown"): "the mappings are not known",
    ("limit", "limit.concurrency"): "the token is used by too many at once",
}


def samples(metrics):
    """name -> [(labels, value)] of a page of Prometheus' text format."""
    found = {}
    for line in metrics.splitlines():
        if line.startswith("#") or not line:
            continue
        series, _, value = line.rpartition(" ")
        name, _, rest = series.partition("{")
        labels = dict(pair.split("=", 1) for pair in rest.rstrip("}").split(",")) if rest else {}
        found.setdefault(name, []).append(({key: text.strip('"') for key, text in labels.items()}, float(value)))
    return found


def diagnose(records, metrics):
    """What is wrong, in words, with the last request that went wrong. Sees records and metrics only."""
    failed = [record for record in records if record["event"] == "request" and record["listener"] == "gate" and "stage" in record]
    counted = samples(metrics).get("weir_failures_total", [])
    if not failed:
        stored = [record for record in records if record.get("code") == "shared-tokens/STORE_UNAVAILABLE"]
        return "the store cannot be written" if stored else "nothing is wrong"
    last = failed[-1]
    # The metrics have to tell the same story, or one of them lies.
    assert any(labels == {"stage": last["stage"], "code": last["code"]} and value >= 1 for labels, value in counted), (last, counted)
    if last["code"] == "token.invalid":
        return f"token {last['token_id']} has expired" if last["token_id"] else "the token is not known"
    if last["code"] == "client.gone":
        return MEANINGS.get((last["stage"], last["code"])) or f"the client left while the request was at {last['stage']}"
    if last["stage"] == "decide" and (last["stage"], last["code"]) not in MEANINGS:
        return f"the request is refused at {last.get('where')}: {last['code']}"
    return MEANINGS[last["stage"], last["code"]]


class Desk:
    """A gate, an upstream, and what an operator can see of them."""

    def __init__(self, weir, upstream):
        self.weir, self.upstream, self.seen = weir, upstream, 0
        self.created = weir.create_token([("team", SECRET_VALUE)])
        self.token = self.created["token"]

    def request(self, body=b"{}", path="/logs-1/_search", lines="", token=None):
        credential = f"Authorization: Bearer {token or self.token}\r\n"
        return (f"POST {path} HTTP/1.1\r\nHost: gate\r\n{credential}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{lines}"
                "\r\n").encode() + body

    def ask(self, **more):
        with wire.Client(self.weir.gate_port) as client:
            return client.send(self.request(**more)).receive()

    def records(self):
        return [json.loads(line) for line in self.weir.log().splitlines() if line.startswith("{")]

    def failures(self):
        return [record for record in self.records() if "stage" in record and record["event"] == "request"]

    def diagnosis(self, count=1):
        """After `count` more failures than the last time."""
        until(lambda: len(self.failures()) >= self.seen + count)
        time.sleep(0.1)
        failures = self.failures()
        assert len(failures) == self.seen + count, "a failed request leaves exactly one record"
        self.seen = len(failures)
        last = failures[-1]
        assert last["stage"] in STAGES and last["reason"] and isinstance(last["retry"], bool)
        assert len({record["id"] for record in failures}) == len(failures)
        return diagnose(self.records(), self.weir.admin.request("GET", "/metrics").text)


@pytest.fixture
def open_desk(start_pair):
    return lambda *args, **more: Desk(*start_pair(*args, **more))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """One for the faults that leave nothing behind."""
    flags = ["--gate-threads", "1", "--upstream-answer-timeout", "500ms", "--upstream-body-timeout", "500ms", "--limits-body-bytes", "100KiB",
             "--limits-body-timeout", "1s", "--limits-head-timeout", "1s"]
    with wire.Upstream() as upstream, nodes.Weir(tmp_path_factory.mktemp("support") / "weir", upstream.url, flags=flags) as weir:
        yield Desk(weir, upstream)


def hold(connection):
    try:
        while connection.recv(1 << 16):
            pass
    except OSError:
        pass


def sends(data, wait=False):
    def respond(request, connection):
        connection.sendall(data)
        if wait:
            hold(connection)
    return respond


def answers(status, body=b"{}"):
    return lambda request, connection: wire.answer(body, status=status)


def breaks_off(request, connection):
    connection.sendall(f"{JSON}content-length: 1000000\r\n\r\n".encode() + b'{"hits":' + b" " * 200_000)
    time.sleep(0.3)


UPSTREAM_FAULTS = {
    "the search cluster is slow": sends(b"", wait=True),
    "something that is no search cluster answers": sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "the search cluster closes without an answer": sends(b""),
    "the search cluster breaks off in the middle": breaks_off,
    "the search cluster breaks off at the beginning": sends(f"{JSON}content-length: 20\r\n\r\n".encode()),
    "the gate's own credential is refused": answers("401 Unauthorized"),
    "the search cluster is overloaded": answers("429 Too Many Requests", b'{"error":{"type":"es_rejected_execution_exception"},"status":429}'),
}


@pytest.mark.parametrize("fault", UPSTREAM_FAULTS)
def test_a_fault_of_the_upstream_is_named(desk, fault):
    desk.upstream.respond = UPSTREAM_FAULTS[fault]
    with wire.Client(desk.weir.gate_port) as client:
        client.send(desk.request())
        try:
            client.receive()
        except wire.Closed:
            pass
    assert desk.diagnosis() == fault
    last = desk.failures()[-1]
    assert last["upstream"] == "default" and last["token_id"] == desk.created["id"] and last["account"] == "default"
    assert last["retry"] == (last["code"] != "upstream.denied")


def test_an_upstream_that_is_down_is_named(open_desk):
    desk = open_desk()
    desk.upstream.close()
    assert desk.ask().status == 503
    assert desk.diagnosis() == "the search cluster is down"


def test_a_full_pool_is_named(open_desk):
    desk = open_desk(sends(b"", wait=True), ["--upstream-connections", "1", "--upstream-waiters", "1", "--upstream-wait-timeout", "300ms",
                                             "--upstream-answer-timeout", "5s"])
    with wire.Client(desk.weir.gate_port) as first:
        first.send(desk.request())
        until(lambda: desk.upstream.requests)
        assert desk.ask().status == 503
        assert desk.diagnosis() == "the pool of connections is full"


def test_a_busy_token_is_named(open_desk):
    desk = open_desk(sends(b"", wait=True), ["--limits-requests-per-token", "1", "--upstream-answer-timeout", "5s"])
    with wire.Client(desk.weir.gate_port) as first:
        first.send(desk.request())
        until(lambda: desk.upstream.requests)
        assert desk.ask().status == 429
        assert desk.diagnosis() == "the token is used by too many at once"


def test_an_expired_token_is_told_from_an_unknown_one(desk):
    created = desk.weir.create_token([("team", "a")], expirationDate=int(time.time()) + 1)
    until(lambda: desk.ask(token=created["token"]).status == 401)
    expired, unknown = desk.ask(token=created["token"]), desk.ask(token="6c1f3f0e-0000-4000-8000-000000000000")
    assert expired.body == unknown.body, "the client learns nothing of it"
    until(lambda: desk.failures()[-1]["token_id"] == 0)
    failures = desk.failures()
    assert diagnose(desk.records()[:-1], desk.weir.admin.request("GET", "/metrics").text) == f"token {created['id']} has expired"
    assert failures[-2]["account"] == "default" and "account" not in failures[-1]
    desk.seen = len(failures) - 1
    assert desk.diagnosis() == "the token is not known"


def test_faults_of_the_client_are_named(desk):
    desk.upstream.respond = answers("200 OK", wire.SEARCH_ANSWER)
    assert desk.ask(lines=f"X-Shared-Token: {desk.created['id']}x\r\n").status == 400
    assert desk.diagnosis() == "the client sends two credentials"
    assert desk.ask(body=b" " * 200_000).status == 413
    assert desk.diagnosis() == "the client's body is too large"
    query = b'{"query":{"bool":{"must":[{"percolate":{}}]}}, "aggs":{"a":{"sampler":{}}}}'
    assert desk.ask(body=query).status in (400, 403)
    denied = desk.diagnosis()
    assert denied.startswith("the request is refused at /") and not desk.failures()[-1]["retry"]
    assert desk.ask(path="/logs-1/_search?pretty&nonsense=4711-value").status == 400
    assert desk.diagnosis() == "the request is refused at ?nonsense: param.unknown"
    with wire.Client(desk.weir.gate_port) as client:
        client.send(desk.request(body=b"x" * 10)[:-5]).receive()
    assert desk.diagnosis() == "the client does not send its body"
    with wire.Client(desk.weir.gate_port) as client:
        client.send(b"POST /logs-1/_search HTTP/1.1\r\n").receive()
    assert desk.diagnosis() == "the client does not send its head"


def test_a_client_that_leaves_is_named(desk):
    desk.upstream.respond = sends(b"", wait=True)
    with wire.Client(desk.weir.gate_port) as client:
        before = len(desk.upstream.requests)
        client.send(desk.request())
        until(lambda: len(desk.upstream.requests) > before)
    assert desk.diagnosis() == "the client left while the request was at upstream_head"
    with wire.Client(desk.weir.gate_port) as client:
        client.send(desk.request(body=b"x" * 10)[:-5])
        time.sleep(0.1)
    assert desk.diagnosis() == "the client left while the request was at body"
    with wire.Client(desk.weir.gate_port) as client:
        client.send(b"POST /logs-1/_sea")
        time.sleep(0.1)
    assert desk.diagnosis() == "the client leaves in the middle of its head"
    desk.upstream.respond = sends(f"{JSON}content-length: 50000000\r\n\r\n".encode() + b" " * 50_000_000)
    client = wire.Client(desk.weir.gate_port)
    client.send(desk.request())
    client.sock.recv(1000)
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.sock.close()
    assert desk.diagnosis() == "the client left while the request was at write"


def test_unknown_mappings_are_named(open_desk, monkeypatch):
    desk = open_desk()
    desk.weir.stop()
    monkeypatch.setattr(wire, "own_question", lambda target: "no cluster" if "/_" in target and "_search" not in target else None)
    desk.weir.ready = False
    desk.weir.start()
    nodes.until(lambda: answers_at_all(desk))
    assert desk.ask().status == 503
    until(lambda: desk.failures())
    assert diagnose(desk.records(), desk.weir.admin.request("GET", "/metrics").text) == "the mappings are not known"
    assert desk.failures()[-1]["retry"]


def answers_at_all(desk):
    try:
        wire.Client(desk.weir.gate_port).sock.close()
        return desk.weir.admin.request("GET", "/healthz").status_code == 200
    except OSError:
        return False


def test_an_unreachable_store_is_named(open_desk):
    desk = open_desk()
    with sqlite3.connect(desk.weir.folder / "data" / "weir.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = desk.weir.admin.request("POST", "/v1/shared-tokens", {"tokenName": "x", "filters": []}, timeout=60)
        other.execute("ROLLBACK")
    assert answer.status_code == 503
    assert desk.ask().status == 200, "the gate needs no store"
    until(lambda: any(record.get("code") == "shared-tokens/STORE_UNAVAILABLE" for record in desk.records()))
    assert diagnose(desk.records(), desk.weir.admin.request("GET", "/metrics").text) == "the store cannot be written"


def test_no_record_has_a_secret_or_a_value(desk):
    assert desk.ask(body=b'{"query":{"term":{"user":{"value":"4711-value","nonsense":"4711-value"}}}}').status == 400
    desk.diagnosis()
    log = desk.weir.log()
    assert desk.token not in log and SECRET_VALUE not in log and "4711-value" not in log


def test_a_good_request_has_no_cause(open_desk):
    desk = open_desk()
    assert desk.ask().status == 200
    until(lambda: any(record["event"] == "request" and record["listener"] == "gate" for record in desk.records()))
    assert not desk.failures()
    assert diagnose(desk.records(), desk.weir.admin.request("GET", "/metrics").text) == "nothing is wrong"


def test_without_lines_for_requests_failures_keep_theirs(open_desk):
    desk = open_desk(flags=["--log-requests", "false"])
    assert desk.ask().status == 200
    assert desk.ask(path="/logs-1/_bulk").status == 403
    until(lambda: desk.failures())
    gate = [record for record in desk.records() if record["event"] == "request" and record["listener"] == "gate"]
    assert [record["code"] for record in gate] == [desk.failures()[0]["code"]]
