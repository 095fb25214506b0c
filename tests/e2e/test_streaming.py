"""The gate between a client and an upstream that fail, stall, close, cut and flood: what each of them may see."""
import gzip
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

import nodes
import wire
from nodes import until

SEARCH = b'{"query":{"match_all":{}}}'
SECRET = b"hidden-document-4711"


class Gate:
    def __init__(self, weir, upstream):
        self.weir, self.upstream = weir, upstream
        self.created = weir.create_token([("team", "payments")])
        self.token = self.created["token"]

    def connect(self, **more):
        return wire.Client(self.weir.gate_port, **more)

    def search(self, lines="", body=SEARCH, request="POST /logs-a/_search HTTP/1.1"):
        return (f"{request}\r\nHost: gate\r\nAuthorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n{lines}\r\n").encode() + body

    def ask(self, lines="", **more):
        with self.connect() as client:
            return client.send(self.search(lines, **more)).receive()


@pytest.fixture
def start_gate(start_pair):
    """start_pair, and a token."""
    return lambda *args, **more: Gate(*start_pair(*args, **more))


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    """One for the tests that only differ in what the upstream answers."""
    flags = ["--upstream-answer-timeout", "1s", "--upstream-body-timeout", "1s"]
    folder = tmp_path_factory.mktemp("streaming") / "weir"
    with wire.Upstream() as upstream, nodes.Weir(folder, upstream.url, flags=flags) as weir:
        yield Gate(weir, upstream)


def code_of(message):
    return json.loads(message.body)["error"]["code"]


def hold(connection):
    """Waits until the peer closes."""
    try:
        while connection.recv(1 << 16):
            pass
    except OSError:
        pass


def sends(data, wait=False):
    """An upstream that sends exactly `data` and then closes, or with `wait` stays silent."""
    def respond(request, connection):
        connection.sendall(data)
        if wait:
            hold(connection)
    return respond


JSON = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"

BROKEN = {
    "nothing": (b"", False, 503, "upstream.unreachable"),
    "silence": (b"", True, 504, "upstream.timeout"),
    "half a head": (JSON.encode(), False, 502, "upstream.protocol"),
    "half a head, then silence": (JSON.encode(), True, 504, "upstream.timeout"),
    "garbage": (b"\x00\x01\x02 not http at all\r\n\r\n", False, 502, "upstream.protocol"),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}", False, 502, "upstream.protocol"),
    "LF lines": (b"HTTP/1.1 200 OK\ncontent-length: 2\n\n{}", False, 502, "upstream.protocol"),
    "no length": (f"{JSON}\r\n{{}}".encode(), False, 502, "upstream.protocol"),
    "two lengths": (f"{JSON}content-length: 2\r\ncontent-length: 3\r\n\r\n{{}}".encode(), False, 502, "upstream.protocol"),
    "length and chunks": (f"{JSON}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n".encode(), False, 502, "upstream.protocol"),
    "switching protocols": (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n", False, 502, "upstream.protocol"),
    "a page": (wire.answer(b"<html>" + SECRET, headers=["content-type: text/html"]), False, 502, "upstream.protocol"),
    "YAML": (wire.answer(b"took: 1", headers=["content-type: application/yaml"]), False, 502, "upstream.protocol"),
    "unasked gzip": (wire.answer(gzip.compress(b"{}"), headers=["content-type: application/json", "content-encoding: gzip"]),
                     False, 502, "upstream.protocol"),
    "unknown coding": (wire.answer(b"x", headers=["content-type: application/json", "content-encoding: br"]), False, 502, "upstream.protocol"),
    "huge head": (f"{JSON}x: {'x' * 200_000}\r\ncontent-length: 2\r\n\r\n{{}}".encode(), False, 502, "upstream.protocol"),
    "head and no body": (f"{JSON}content-length: 20\r\n\r\n".encode(), False, 502, "upstream.protocol"),
    "head, then silence": (f"{JSON}content-length: 20\r\n\r\n".encode(), True, 504, "upstream.timeout"),
    "bad first chunk": (f"{JSON}transfer-encoding: chunked\r\n\r\nxyz\r\n".encode(), False, 502, "upstream.protocol"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_upstream_is_reported(gate, name):
    data, wait, status, code = BROKEN[name]
    gate.upstream.respond = sends(data, wait)
    with gate.connect() as client:
        answer = client.send(gate.search()).receive()
        assert (answer.status, code_of(answer)) == (status, code)
        assert SECRET not in answer.body
        gate.upstream.respond = lambda request, connection: wire.answer()
        assert client.send(gate.search()).receive().status == 200  # the client's connection has lived through it


@pytest.mark.parametrize("head, body, then", [
    ("content-length: 1000\r\n", b'{"hits":', b""),
    ("transfer-encoding: chunked\r\n", b'8\r\n{"hits":\r\n', b""),
    ("transfer-encoding: chunked\r\n", b'8\r\n{"hits":\r\n', b"xyz\r\n"),
    ("transfer-encoding: chunked\r\n", b'8\r\n{"hi', b""),
])
@pytest.mark.parametrize("wait", [False, True])
def test_a_cut_answer_never_looks_whole(gate, head, body, then, wait):
    begun = threading.Event()

    def respond(request, connection):
        connection.sendall(f"{JSON}{head}\r\n".encode() + body)
        begun.wait(10)
        sends(then, wait)(request, connection)

    gate.upstream.respond = respond
    with gate.connect() as client:
        client.send(gate.search()).reader.until(b'{"hi')
        begun.set()
        with pytest.raises((wire.Closed, ConnectionResetError)):
            client.reader.until(b"0\r\n\r\n" if "chunked" in head else b"}")


@pytest.mark.parametrize("status, expected, code", [
    ("400 Bad Request", 400, "upstream.rejected"), ("401 Unauthorized", 502, "upstream.denied"),
    ("403 Forbidden", 502, "upstream.denied"), ("429 Too Many Requests", 429, "upstream.busy"),
    ("500 Internal Server Error", None, None), ("503 Service Unavailable", 503, "upstream.unavailable"),
    ("504 Gateway Timeout", None, None), ("404 Not Found", 404, None), ("409 Conflict", None, None),
])
@pytest.mark.parametrize("compressed", [False, True])
def test_no_byte_of_an_upstream_error_passes(gate, status, expected, code, compressed):
    body = b'{"error":{"type":"odd_exception","reason":"%s","index":"%s"},"status":400}' % (SECRET, SECRET)
    headers = ["content-type: application/json", "x-elastic-product: leak", "warning: 299 leak", "set-cookie: leak=1"]
    if compressed:
        body, headers = gzip.compress(body), headers + ["content-encoding: gzip"]
    gate.upstream.respond = lambda request, connection: wire.answer(body, status, headers)
    answer = gate.ask("Accept-Encoding: gzip\r\n")
    assert expected is None or answer.status == expected
    assert answer.status >= 400
    assert code is None or code_of(answer) == code
    assert SECRET not in answer.body and b"leak" not in answer.head
    assert SECRET.decode() not in gate.weir.log()


def test_no_upstream_header_passes(gate):
    headers = ["content-type: application/json; charset=UTF-8", "x-opensearch-version: 3.4.0", "set-cookie: a=b", "server: x",
               "warning: 299 x", "x-opaque-id: other", "etag: x"]
    gate.upstream.respond = lambda request, connection: wire.answer(headers=headers)
    answer = gate.ask()
    assert set(answer.headers) == {"content-type", "content-length", "cache-control", "x-weir-request-id"}
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert answer.headers["cache-control"] == "no-store"


def test_interim_answers_are_skipped(gate):
    gate.upstream.respond = lambda request, connection: b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + wire.answer()
    assert gate.ask().body == wire.SEARCH_ANSWER


def test_gzip_is_asked_for_and_passed_on_as_it_is(gate):
    packed = gzip.compress(wire.SEARCH_ANSWER)

    def respond(request, connection):
        if request.headers["accept-encoding"] != "gzip":
            return wire.answer()
        return wire.answer(packed, headers=["content-type: application/json", "content-encoding: gzip"])

    gate.upstream.respond = respond
    answer = gate.ask("Accept-Encoding: br, gzip\r\n")
    assert (answer.body, answer.headers["content-encoding"]) == (packed, "gzip")
    answer = gate.ask("Accept-Encoding: gzip;q=0, *\r\n")
    assert (answer.body, answer.headers.get("content-encoding")) == (wire.SEARCH_ANSWER, None)


@pytest.mark.parametrize("pieces", [1, 3, 200])
def test_chunked_answers_are_framed_anew(gate, pieces):
    size = len(wire.SEARCH_ANSWER) // pieces + 1
    chunks = [wire.SEARCH_ANSWER[at:at + size] for at in range(0, len(wire.SEARCH_ANSWER), size)]

    def respond(request, connection):
        connection.sendall(f"{JSON}transfer-encoding: chunked\r\n\r\n".encode())
        for chunk in chunks:
            connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        return b"0\r\n\r\n"

    gate.upstream.respond = respond
    before = gate.upstream.connections
    with gate.connect() as client:
        for _ in range(3):
            assert client.send(gate.search()).receive().body == wire.SEARCH_ANSWER
    assert gate.upstream.connections <= before + 1


def test_head_requests_have_no_body(gate):
    gate.upstream.respond = lambda request, connection: wire.answer()
    with gate.connect() as client:
        client.send(gate.search(body=b"", request="HEAD /logs-a/_doc/1 HTTP/1.1") + gate.search())
        assert client.receive(to_head=True).status == 404
        assert client.receive().body == wire.SEARCH_ANSWER


def test_a_closed_kept_connection_is_replaced(start_gate):
    gate = start_gate(lambda request, connection: wire.answer())
    assert gate.ask().status == 200

    def close_once(request, connection):
        gate.upstream.respond = lambda request, connection: wire.answer()
        return None  # closes without an answer: what a stale connection looks like

    gate.upstream.requests.clear()
    gate.upstream.respond = close_once
    assert gate.ask().status == 200
    assert len(gate.upstream.requests) == 2
    assert "weir_upstream_retries_total 1" in gate.weir.admin.request("GET", "/metrics").text

    # Closed while nobody looked: noticed before anything is sent.
    gate.upstream.requests.clear()
    with gate.upstream.lock:
        for connection in gate.upstream.open:
            connection.shutdown(socket.SHUT_RDWR)
    time.sleep(0.2)
    assert gate.ask().status == 200
    assert len(gate.upstream.requests) == 1


def test_unasked_bytes_end_a_kept_connection(start_gate):
    gate = start_gate(lambda request, connection: wire.answer() + b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
    for _ in range(5):
        assert gate.ask().body == wire.SEARCH_ANSWER


def test_an_upstream_that_is_down(start_gate):
    gate = start_gate()
    gate.upstream.close()
    time.sleep(0.1)
    answer = gate.ask()
    assert (answer.status, code_of(answer)) == (503, "upstream.unreachable")
    assert gate.weir.admin.request("GET", "/healthz").status_code == 200
    until(lambda: gate.weir.admin.request("GET", "/readyz").status_code == 503)


def memory(weir):
    status = pathlib.Path(f"/proc/{weir.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def test_a_gigabyte_flows_by_in_bounded_memory(start_gate):
    block = b" " * (1 << 20)
    sent = []

    def respond(request, connection):
        connection.sendall(f"{JSON}transfer-encoding: chunked\r\n\r\n".encode())
        for _ in range(1024):
            connection.sendall(b"100000\r\n" + block + b"\r\n")
            sent.append(len(block))
        return b"2\r\n{}\r\n0\r\n\r\n"

    gate = start_gate(respond, flags=["--limits-write-timeout", "20s"])
    before = peak = memory(gate.weir)
    with gate.connect() as client:
        client.send(gate.search())
        # A client that does not read holds the upstream back.
        time.sleep(1)
        assert sum(sent) < 64 << 20
        peak = max(peak, memory(gate.weir))
        head = wire.Message(client.reader.until(b"\r\n\r\n"))
        assert head.headers["transfer-encoding"] == "chunked"
        total = len(client.reader.buffer)
        tail = b""
        while not tail.endswith(b"\r\n0\r\n\r\n"):
            piece = client.sock.recv(1 << 20)
            assert piece, "the answer was cut"
            total += len(piece)
            tail = (tail + piece)[-16:]
            if total % 101 == 0:
                peak = max(peak, memory(gate.weir))
    assert total > 1 << 30
    assert peak - before < 48 << 20, f"{peak - before} bytes more than at rest"


def test_a_client_that_does_not_read_is_dropped(start_gate):
    def respond(request, connection):
        connection.sendall(f"{JSON}transfer-encoding: chunked\r\n\r\n".encode())
        while True:
            connection.sendall(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")

    gate = start_gate(respond, flags=["--limits-write-timeout", "1s"])
    with gate.connect() as client:
        client.send(gate.search())
        until(lambda: not gate.upstream.open)


def test_a_client_that_goes_away_takes_its_search_along(start_gate):
    gone = threading.Event()

    def respond(request, connection):
        hold(connection)
        gone.set()

    gate = start_gate(respond)
    with gate.connect() as client:
        client.send(gate.search())
        until(lambda: gate.upstream.requests)
    assert gone.wait(5)


class Gateable:
    """An upstream that answers when it is told to."""

    def __init__(self):
        self.go = threading.Event()
        self.waiting = 0

    def __call__(self, request, connection):
        self.waiting += 1
        self.go.wait(20)
        return wire.answer()


def test_a_changed_token_is_decided_again(start_gate):
    upstream = Gateable()
    gate = start_gate(upstream)
    other = gate.weir.admin.json("POST", "/v1/shared-tokens/filters", {"field": "team", "value": "other"})["id"]
    with gate.connect() as client:
        client.send(gate.search())
        until(lambda: upstream.waiting == 1)
        gate.weir.admin.json("PUT", f"/v1/shared-tokens/{gate.created['id']}", {"filters": [other]})
        upstream.go.set()
        assert client.receive().status == 200
    first, second = gate.upstream.requests
    assert b"payments" in first.body and b"payments" not in second.body and b"other" in second.body
    assert "weir_redecided_total 1" in gate.weir.admin.request("GET", "/metrics").text


def test_a_deleted_token_gets_no_answer_any_more(start_gate):
    upstream = Gateable()
    gate = start_gate(upstream)
    with gate.connect() as client:
        client.send(gate.search())
        until(lambda: upstream.waiting == 1)
        gate.weir.admin.request("DELETE", f"/v1/shared-tokens/{gate.created['id']}")
        upstream.go.set()
        answer = client.receive()
    assert (answer.status, code_of(answer)) == (401, "token.invalid")


def test_a_token_that_keeps_changing_is_told_so(start_gate):
    gate = start_gate()
    ids = [gate.weir.admin.json("POST", "/v1/shared-tokens/filters", {"field": "team", "value": value})["id"] for value in "ab"]

    def change(request, connection):
        number = len(gate.upstream.requests)
        gate.weir.admin.json("PUT", f"/v1/shared-tokens/{gate.created['id']}", {"filters": [ids[number % 2]]})
        return wire.answer()

    gate.upstream.respond = change
    answer = gate.ask()
    assert (answer.status, code_of(answer)) == (503, "gate.policy_changing")
    assert len(gate.upstream.requests) == 4


def test_the_requests_of_a_token_are_limited(start_gate):
    upstream = Gateable()
    gate = start_gate(upstream, flags=["--limits-requests-per-token", "2"])
    clients = [gate.connect() for _ in range(2)]
    for client in clients:
        client.send(gate.search())
    until(lambda: upstream.waiting == 2)
    answer = gate.ask()
    assert (answer.status, code_of(answer)) == (429, "limit.concurrency")
    upstream.go.set()
    for client in clients:
        assert client.receive().status == 200
        client.close()
    assert gate.ask().status == 200


def test_connections_are_limited(start_gate):
    gate = start_gate(flags=["--limits-connections", "3"])
    clients = [gate.connect() for _ in range(3)]
    for client in clients:
        assert client.send(gate.search()).receive().status == 200
    answer = gate.ask()
    assert (answer.status, code_of(answer)) == (503, "limit.connections")
    clients.pop().close()
    until(lambda: gate.ask().status == 200)
    for client in clients:
        client.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_the_memory_for_bodies_is_limited(start_gate, chunked):
    gate = start_gate(flags=["--limits-buffered-bytes", "1MiB"])
    body = b" " * 800_000
    data = gate.search(body=body)
    if chunked:
        data = data.replace(b"Content-Length: 800000", b"Transfer-Encoding: chunked").replace(body, b"c3500\r\n" + body)
    with gate.connect() as holder:
        holder.send(data[:-1])
        time.sleep(0.5)
        with gate.connect() as client:
            answer = client.send(data[:-1]).receive()
            assert (answer.status, code_of(answer)) == (503, "limit.memory")
            assert client.closed()
    until(lambda: gate.ask(body=SEARCH + b" " * 500_000).status == 200)  # given back


def test_upstream_connections_are_limited_and_waited_for(start_gate):
    upstream = Gateable()
    gate = start_gate(upstream, flags=["--upstream-connections", "1", "--upstream-waiters", "2", "--upstream-wait-timeout", "10s"])
    clients = [gate.connect() for _ in range(3)]
    for number, client in enumerate(clients):
        client.send(gate.search())
        until(lambda: upstream.waiting == 1)
        if number:
            until(lambda: f"weir_upstream_waiters {number}" in gate.weir.admin.request("GET", "/metrics").text)
    answer = gate.ask()
    assert (answer.status, code_of(answer)) == (503, "upstream.unreachable")
    upstream.go.set()
    for client in clients:
        assert client.receive().status == 200
        client.close()
    assert gate.upstream.connections <= 2  # the readiness probe had one, too


def test_nobody_waits_for_ever_for_an_upstream_connection(start_gate):
    upstream = Gateable()
    gate = start_gate(upstream, flags=["--upstream-connections", "1", "--upstream-wait-timeout", "300ms"])
    with gate.connect() as client:
        client.send(gate.search())
        until(lambda: upstream.waiting == 1)
        assert code_of(gate.ask()) == "upstream.unreachable"
        upstream.go.set()
        assert client.receive().status == 200


def test_a_stop_lets_requests_finish(start_gate):
    upstream = Gateable()
    gate = start_gate(upstream)
    idle, busy = gate.connect(), gate.connect()
    upstream.go.set()
    assert idle.send(gate.search()).receive().status == 200
    upstream.go.clear()
    busy.send(gate.search())
    until(lambda: upstream.waiting == 2)
    process = gate.weir.process
    process.send_signal(signal.SIGTERM)
    assert idle.closed()
    until(lambda: gate.weir.admin.request("GET", "/readyz").status_code == 503)
    with pytest.raises(OSError):
        gate.connect()
    upstream.go.set()
    answer = busy.receive()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert process.wait(10) == 0


def test_a_stop_has_a_deadline(start_gate):
    upstream = Gateable()
    gate = start_gate(upstream, flags=["--limits-drain-timeout", "500ms"])
    with gate.connect() as client:
        client.send(gate.search())
        until(lambda: upstream.waiting == 1)
        gate.weir.process.send_signal(signal.SIGTERM)
        answer = client.receive()
        assert (answer.status, code_of(answer)) == (503, "gate.draining")
    assert gate.weir.process.wait(10) == 0
    upstream.go.set()


def test_the_second_signal_stops_at_once(start_gate):
    upstream = Gateable()
    gate = start_gate(upstream)
    with gate.connect() as client:
        client.send(gate.search())
        until(lambda: upstream.waiting == 1)
        gate.weir.process.send_signal(signal.SIGTERM)
        until(lambda: gate.weir.admin.request("GET", "/readyz").status_code == 503)
        gate.weir.process.send_signal(signal.SIGTERM)
        assert client.receive().status == 503
    assert gate.weir.process.wait(10) == 0
    upstream.go.set()


def test_observability(start_gate):
    gate = start_gate()
    gate.ask()
    gate.ask(request="POST /logs-a/_bulk HTTP/1.1")
    assert gate.weir.admin.request("GET", "/healthz").status_code == 200
    assert gate.weir.admin.request("GET", "/readyz").status_code == 200
    assert gate.weir.admin.request("POST", "/metrics").status_code == 405
    text = gate.weir.admin.request("GET", "/metrics").text
    assert 'weir_requests_total{code="",listener="gate",outcome="forward",route="search"} 1' in text
    assert 'outcome="deny"' in text
    for name in ("weir_request_seconds_count", "weir_connections", "weir_upstream_connections", "weir_tokens", "weir_bytes_total"):
        assert name in text


# --- TLS and credentials

def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def certify(folder, name, names, authority=None):
    """A key and a certificate for `names`, signed by the authority's or by itself."""
    key, certificate, request = folder / f"{name}.key", folder / f"{name}.pem", folder / f"{name}.csr"
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={names}\n" if authority else "basicConstraints=critical,CA:TRUE\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}")
    signer = ["-CA", folder / f"{authority}.pem", "-CAkey", folder / f"{authority}.key", "-CAcreateserial"] if authority else ["-signkey", key]
    openssl("x509", "-req", "-in", request, "-out", certificate, "-days", "2", "-extfile", extensions, *signer)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certify(folder, "ca", None)
    certify(folder, "other", None)
    certify(folder, "server", "DNS:localhost,IP:127.0.0.1", "ca")
    certify(folder, "renewed", "DNS:localhost,IP:127.0.0.1", "ca")
    certify(folder, "elsewhere", "DNS:elsewhere.example", "ca")
    certify(folder, "client", "DNS:client", "ca")
    return folder


def trusting(certificates):
    return ssl.create_default_context(cafile=certificates / "ca.pem")


def test_the_gate_speaks_tls(start_gate, certificates, tmp_path):
    for name in ("key", "pem"):
        (tmp_path / f"served.{name}").write_bytes((certificates / f"server.{name}").read_bytes())
    gate = start_gate(flags=["--gate-tls-certificate", tmp_path / "served.pem", "--gate-tls-key", tmp_path / "served.key"])
    context = trusting(certificates)
    context.set_alpn_protocols(["h2", "http/1.1"])
    big = json.dumps({"query": {"terms": {"n": list(range(20_000))}}}).encode()
    with gate.connect(tls=context) as client:
        assert client.sock.selected_alpn_protocol() == "http/1.1"
        first = client.sock.getpeercert()["serialNumber"]
        assert client.send(gate.search(body=big)).receive().body == wire.SEARCH_ANSWER
        assert client.send(gate.search()).receive().status == 200
    context = trusting(certificates)
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError):
        gate.connect(tls=context)
    old = trusting(certificates)
    with pytest.warns(DeprecationWarning):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        gate.connect(tls=old)
    with gate.connect() as client:  # plain bytes get nothing
        assert client.send(gate.search()).closed()

    # A renewed certificate is taken up without a restart.
    for name in ("key", "pem"):
        (tmp_path / f"served.{name}").write_bytes((certificates / f"renewed.{name}").read_bytes())
    gate.weir.process.send_signal(signal.SIGHUP)

    def serial():
        with gate.connect(tls=trusting(certificates)) as client:
            return client.sock.getpeercert()["serialNumber"]

    until(lambda: serial() != first)


def test_tls_answers_stream(start_gate, certificates):
    big = b" " * (8 << 20) + b"{}"
    gate = start_gate(lambda request, connection: wire.answer(big), flags=[
        "--gate-tls-certificate", certificates / "server.pem", "--gate-tls-key", certificates / "server.key"])
    with gate.connect(tls=trusting(certificates)) as client:
        assert client.send(gate.search()).receive().body == big


def tls_upstream(certificates, name="server", client_certificate=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
    if client_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates / "ca.pem")
    return wire.Upstream(tls=context)


def test_the_upstream_is_verified(start_weir, certificates):
    def status(upstream, *flags, url=None):
        weir = start_weir(url or upstream.url, ready=False, flags=flags)
        until(lambda: not connection_refused(weir))
        return Gate(weir, upstream).ask().status

    def check_refused(upstream, *flags):
        """Nothing is asked of it, neither for the gate's own sake nor for a holder's."""
        weir = start_weir(upstream.url, ready=False, flags=flags)
        until(lambda: "mappings_not_learnt" in weir.log())
        search = weir.as_holder(weir.create_token([])).request("POST", "/logs-a/_search", {})
        assert (search.status_code, search.json()["error"]["code"]) == (503, "gate.mappings_unknown")
        ready = weir.admin.request("GET", "/readyz")
        assert (ready.status_code, ready.text) == (503, "the upstream does not answer\n")
        assert upstream.requests == [] and not upstream.own

    ca = ["--upstream-tls-ca", certificates / "ca.pem"]
    with tls_upstream(certificates) as upstream:
        check_refused(upstream)
        check_refused(upstream, "--upstream-tls-ca", certificates / "other.pem")
        assert status(upstream, *ca) == 200
        assert status(upstream, *ca, url=f"https://localhost:{upstream.port}") == 200
        assert status(upstream, "--upstream-tls-verify", "false") == 200
    with tls_upstream(certificates, "elsewhere") as upstream:
        check_refused(upstream, *ca)
    with tls_upstream(certificates, client_certificate=True) as upstream:
        check_refused(upstream, *ca)
        pair = ["--upstream-tls-certificate", certificates / "client.pem", "--upstream-tls-key", certificates / "client.key"]
        assert status(upstream, *ca, *pair) == 200


def connection_refused(weir):
    try:
        socket.create_connection(("127.0.0.1", weir.gate_port)).close()
    except ConnectionRefusedError:
        return True
    return False


def test_the_gates_own_credential_is_sent_and_the_clients_is_not(start_gate):
    gate = start_gate(flags=["--upstream-user", "weir"], env={"WEIR_UPSTREAM_PASSWORD": "p:w"})
    assert gate.ask("X-Proxy-User: admin\r\nCookie: a=b\r\n").status == 200
    [request] = gate.upstream.requests
    assert request.headers["authorization"] == "Basic d2VpcjpwOnc="
    assert gate.token.encode() not in request.head + request.body
    assert "p:w" not in gate.weir.log() and gate.token not in gate.weir.log()

    gate = start_gate(env={"WEIR_UPSTREAM_HEADERS": "Authorization: ApiKey abc\nX-Tenant: t1"})
    assert gate.ask().status == 200
    [request] = gate.upstream.requests
    assert (request.headers["authorization"], request.headers["x-tenant"]) == ("ApiKey abc", "t1")


def test_the_upstream_may_stand_under_a_path(start_weir):
    with wire.Upstream() as upstream:
        weir = start_weir(upstream.url + "/search/v1", ready=False)
        until(lambda: not connection_refused(weir))
        gate = Gate(weir, upstream)
        assert gate.ask().status == 200
        assert any(request.start.startswith("POST /search/v1/logs-a/_search") for request in upstream.requests)
