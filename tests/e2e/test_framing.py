"""Bytes at the gate's socket: what is not one clear HTTP/1.1 request is refused with its code, and the upstream sees nothing;
what is accepted reaches the upstream as a fresh request with nothing of the client's head in it."""
import gzip
import json
import time

import pytest

import nodes
import wire

SEARCH = b'{"query":{"match_all":{}}}'
SECRET_HEADERS = ("Cookie: session=s3cr3t\r\nX-Forwarded-For: 10.0.0.1\r\nX-Proxy-User: admin\r\nX-Proxy-Roles: all_access\r\n"
                  "securitytenant: global\r\nopendistro_security_impersonate_as: admin\r\nConnection: X-Proxy-User\r\n"
                  "Accept: application/yaml\r\nTE: trailers\r\nUser-Agent: test\r\n")


class Gate:
    """A running program in front of a recording upstream, and one valid token."""

    def __init__(self, weir, upstream):
        self.weir, self.upstream = weir, upstream
        self.token = weir.create_token([("team", "payments")])["token"]

    def connect(self, **more):
        return wire.Client(self.weir.gate_port, **more)

    def head(self, lines="", request="POST /logs-a/_search HTTP/1.1", host="Host: gate\r\n"):
        return f"{request}\r\n{host}Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n{lines}\r\n".encode()

    def search(self, lines="", body=SEARCH):
        return self.head(f"Content-Length: {len(body)}\r\n{lines}") + body

    def seen(self):
        """The requests the upstream has got since the last call."""
        requests, self.upstream.requests = self.upstream.requests, []
        return requests


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    flags = ["--limits-head-timeout", "1s", "--limits-body-timeout", "1s", "--limits-body-bytes", "1MiB",
             "--limits-inflated-bytes", "1MiB", "--limits-head-bytes", "16KiB"]
    with wire.Upstream() as upstream, nodes.Weir(tmp_path_factory.mktemp("framing") / "weir", upstream.url, flags=flags) as weir:
        yield Gate(weir, upstream)


def code_of(message):
    error = json.loads(message.body)["error"]
    assert error["root_cause"][0]["code"] == error["code"]
    return error["code"]


def chunked(*chunks):
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


SMUGGLED = b"GET /logs-a/_search HTTP/1.1\r\nHost: gate\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"

# name: (status, code, function of the gate that gives the bytes)
REFUSED = {
    "content-length and chunked": (400, "http.framing", lambda g: g.head(f"Content-Length: 6\r\n{CHUNKED}") + b"0\r\n\r\n" + SMUGGLED),
    "chunked and content-length": (400, "http.framing", lambda g: g.head(f"{CHUNKED}Content-Length: 6\r\n") + b"0\r\n\r\n" + SMUGGLED),
    "two lengths": (400, "http.framing", lambda g: g.head("Content-Length: 0\r\nContent-Length: 43\r\n") + SMUGGLED),
    "two equal lengths": (400, "http.framing", lambda g: g.head("Content-Length: 26\r\nContent-Length: 26\r\n") + SEARCH),
    "a list of lengths": (400, "http.framing", lambda g: g.head("Content-Length: 26, 26\r\n") + SEARCH),
    "a signed length": (400, "http.framing", lambda g: g.head("Content-Length: +26\r\n") + SEARCH),
    "a hexadecimal length": (400, "http.framing", lambda g: g.head("Content-Length: 0x1a\r\n") + SEARCH),
    "an overflowing length": (400, "http.framing", lambda g: g.head("Content-Length: 18446744073709551642\r\n") + SEARCH),
    "gzip transfer": (400, "http.framing", lambda g: g.head("Transfer-Encoding: gzip\r\nContent-Length: 26\r\n") + SEARCH),
    "unknown transfer": (400, "http.framing", lambda g: g.head("Transfer-Encoding: xchunked\r\n") + chunked(SEARCH)),
    "gzip, chunked": (400, "http.framing", lambda g: g.head("Transfer-Encoding: gzip, chunked\r\n") + chunked(SEARCH)),
    "chunked twice": (400, "http.framing", lambda g: g.head(CHUNKED * 2) + chunked(SEARCH)),
    "hidden chunked": (400, "http.malformed", lambda g: g.head("Transfer-Encoding: \x0bchunked\r\n") + chunked(SEARCH)),
    "chunk extension": (400, "http.framing", lambda g: g.head(CHUNKED) + b"1a;x=y\r\n" + SEARCH + b"\r\n0\r\n\r\n"),
    "chunk size 0x": (400, "http.framing", lambda g: g.head(CHUNKED) + b"0x1a\r\n" + SEARCH + b"\r\n0\r\n\r\n"),
    "chunk size overflow": (400, "http.framing", lambda g: g.head(CHUNKED) + b"1000000000000001a\r\n" + SEARCH + b"\r\n0\r\n\r\n"),
    "chunk longer than said": (400, "http.framing", lambda g: g.head(CHUNKED) + b"19\r\n" + SEARCH + b"\r\n0\r\n\r\n"),
    "chunk with bare LF": (400, "http.framing", lambda g: g.head(CHUNKED) + b"1a\n" + SEARCH + b"\n0\n\n"),
    "trailer": (400, "http.framing", lambda g: g.head(CHUNKED) + chunked(SEARCH)[:-2] + b"X-Shared-Token: x\r\n\r\n"),
    "HTTP/1.0": (400, "http.version", lambda g: g.head(request="GET / HTTP/1.0")),
    "HTTP/1.0 chunked": (400, "http.version", lambda g: g.head(CHUNKED, request="POST / HTTP/1.0") + chunked(SEARCH)),
    "HTTP/0.9": (400, "http.malformed", lambda g: b"GET /\r\n\r\n"),
    "HTTP/2 preface": (400, "http.version", lambda g: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "h2c upgrade": (400, "http.upgrade", lambda g: g.head("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")),
    "websocket": (400, "http.upgrade", lambda g: g.head("Upgrade: websocket\r\n")),
    "a TLS hello": (400, "http.malformed", lambda g: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "absolute form": (400, "target.malformed", lambda g: g.head(request="GET http://gate/logs-a/_search HTTP/1.1")),
    "authority form": (405, "http.method", lambda g: g.head(request="CONNECT gate:9200 HTTP/1.1")),
    "asterisk form": (400, "target.malformed", lambda g: g.head(request="OPTIONS * HTTP/1.1")),
    "TRACE": (405, "http.method", lambda g: g.head(request="TRACE / HTTP/1.1")),
    "lower case method": (405, "http.method", lambda g: g.head(request="get / HTTP/1.1")),
    "invented method": (405, "http.method", lambda g: g.head(request="SEARCH /logs-a HTTP/1.1")),
    "raw UTF-8 target": (400, "target.malformed", lambda g: g.head(request="GET /logs-\xc3\xa9/_search HTTP/1.1")),
    "blank in the target": (400, "target.malformed", lambda g: g.head(request="GET /logs-a/_search x HTTP/1.1")),
    "fragment": (400, "target.malformed", lambda g: g.head(request="GET /logs-a/_search#x HTTP/1.1")),
    "LF lines": (400, "http.malformed", lambda g: g.search().replace(b"\r\n", b"\n")),
    "one LF line": (400, "http.malformed", lambda g: g.head("X: y\nTransfer-Encoding: chunked\r\n")),
    "a bare CR": (400, "http.malformed", lambda g: g.head("X: y\rTransfer-Encoding: chunked\r\n")),
    "a NUL": (400, "http.malformed", lambda g: g.head("X: \x00y\r\n")),
    "an escape": (400, "http.malformed", lambda g: g.head("X: \x1b[2J\r\n")),
    "folded header": (400, "http.malformed", lambda g: g.head("X: y\r\n Content-Length: 5\r\n")),
    "blank before the colon": (400, "http.malformed", lambda g: g.head("Content-Length : 26\r\n") + SEARCH),
    "header without name": (400, "http.malformed", lambda g: g.head(": y\r\n")),
    "line without colon": (400, "http.malformed", lambda g: g.head("X\r\n")),
    "empty first line": (400, "http.malformed", lambda g: b"\r\n" + g.search()),
    "two Hosts": (400, "http.host", lambda g: g.head("Host: other\r\n")),
    "no Host": (400, "http.host", lambda g: g.head(host="")),
    "bad Host": (400, "http.host", lambda g: g.head(host="Host: a b\r\n")),
    "other expectation": (417, "http.expect", lambda g: g.head("Expect: 200-ok\r\n")),
    "large head": (431, "http.head_too_large", lambda g: g.head(f"X: {'x' * 17000}\r\n")),
    "endless head": (431, "http.head_too_large", lambda g: b"GET / HTTP/1.1\r\nX: " + b"x" * 40000),
    "many headers": (431, "http.head_too_large", lambda g: g.head("".join(f"X-{n}: y\r\n" for n in range(100)))),
    "two credentials": (400, "token.conflict", lambda g: g.search("X-Shared-Token: other\r\n")),
    "credential twice": (400, "token.conflict", lambda g: g.search(f"Authorization: Bearer {g.token}\r\n")),
    "deflate": (415, "body.content_encoding", lambda g: g.search("Content-Encoding: deflate\r\n")),
    "gzip twice": (415, "body.content_encoding", lambda g: g.search("Content-Encoding: gzip, gzip\r\n")),
    "not gzip": (415, "body.content_encoding", lambda g: g.search("Content-Encoding: gzip\r\n")),
    "cut gzip": (415, "body.content_encoding", lambda g: g.search("Content-Encoding: gzip\r\n", gzip.compress(SEARCH)[:-1])),
    "gzip and more": (415, "body.content_encoding", lambda g: g.search("Content-Encoding: gzip\r\n", gzip.compress(SEARCH) + SEARCH)),
    "two gzip members": (415, "body.content_encoding", lambda g: g.search("Content-Encoding: gzip\r\n", gzip.compress(b" ") + gzip.compress(SEARCH))),
    "gzip bomb": (413, "body.too_large", lambda g: g.search("Content-Encoding: gzip\r\n", gzip.compress(b" " * (200 << 20)))),
    "announced too large": (413, "body.too_large", lambda g: g.head("Content-Length: 1048577\r\n")),
    "huge announcement": (413, "body.too_large", lambda g: g.head("Content-Length: 9999999999999999999\r\n")),
    "chunks too large": (413, "body.too_large", lambda g: g.head(CHUNKED) + chunked(*[b" " * 65536] * 17)),
    "two content types": (400, "http.malformed", lambda g: g.search("Content-Type: application/json\r\n")),
    "slow head": (408, "http.timeout", lambda g: g.head()[:-2]),
    "slow body": (408, "http.timeout", lambda g: g.search()[:-1]),
    "slow chunks": (408, "http.timeout", lambda g: g.head(CHUNKED) + b"1a\r\n" + SEARCH),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(gate, name):
    status, code, make = REFUSED[name]
    with gate.connect() as client:
        # What follows the broken request on the same connection must never be read as a request.
        client.send(make(gate) + (b"" if name.startswith("slow") else gate.search()))
        answer = client.receive()
        assert (answer.status, code_of(answer)) == (status, code)
        assert answer.headers["connection"] == "close"
        assert client.closed()
    assert gate.seen() == []


def test_every_refusal_can_be_told_apart_in_the_log(gate):
    with gate.connect() as client:
        answer = client.send(gate.head("Host: other\r\n")).receive()
    request_id = answer.headers["x-weir-request-id"]
    deadline = time.monotonic() + 10
    while request_id not in gate.weir.log() and time.monotonic() < deadline:
        time.sleep(0.05)
    line = next(json.loads(line) for line in gate.weir.log().splitlines() if request_id in line)
    assert (line["code"], line["status"], line["outcome"]) == ("http.host", 400, "deny")
    assert gate.token not in gate.weir.log()


def check_fresh(gate, request, body_contains=b'"query"'):
    """`request` has exactly the headers Weir makes, and nothing of the client's."""
    assert request.start.startswith("POST /logs-a/_search") and request.start.endswith(" HTTP/1.1")
    assert set(request.headers) - {"x-opaque-id"} == {"host", "accept", "accept-encoding", "content-type", "content-length"}
    assert request.headers["host"] == f"127.0.0.1:{gate.upstream.port}"
    assert request.headers["accept"] == "application/json"
    assert gate.token.encode() not in request.head + request.body
    assert body_contains in request.body and b"payments" in request.body


ACCEPTED = {
    "plain": lambda g: g.search(),
    "chunked": lambda g: g.head(CHUNKED) + chunked(SEARCH),
    "chunked by the byte": lambda g: g.head(CHUNKED) + chunked(*[bytes([byte]) for byte in SEARCH]),
    "gzip": lambda g: g.search("Content-Encoding: gzip\r\n", gzip.compress(SEARCH)),
    "gzip in chunks": lambda g: g.head(f"Content-Encoding: x-gzip\r\n{CHUNKED}") + chunked(gzip.compress(SEARCH)),
    "with headers of all kinds": lambda g: g.search(SECRET_HEADERS),
    "without a body": lambda g: g.head(request="GET /logs-a/_search HTTP/1.1"),
    "GET with a body": lambda g: g.search().replace(b"POST", b"GET", 1),
    "token twice": lambda g: g.search(f"X-Shared-Token: {g.token}\r\n"),
    "strange spacing": lambda g: g.search("X:y\r\nX-Opaque-Id: \t job-7 \t\r\n"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_forwards_afresh(gate, name):
    with gate.connect() as client:
        answer = client.send(ACCEPTED[name](gate)).receive()
        assert (answer.status, answer.body) == (200, wire.SEARCH_ANSWER)
        again = client.send(gate.search()).receive()  # the connection is where it should be
        assert again.status == 200
    for request in gate.seen():
        check_fresh(gate, request)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
def test_reads_requests_that_come_in_pieces(gate, size):
    data = gate.head(f"X: {'x' * 300}\r\n{CHUNKED}") + chunked(SEARCH[:5], SEARCH[5:])
    with gate.connect() as client:
        for at in range(0, len(data), size):
            client.send(data[at:at + size])
        assert client.receive().status == 200
    assert len(gate.seen()) == 1


def test_answers_pipelined_requests_in_order(gate):
    bodies = [json.dumps({"query": {"term": {"n": n}}}).encode() for n in range(20)]
    gate.upstream.respond = lambda request, connection: wire.answer(wire.SEARCH_ANSWER.replace(b"hits", request.body[-1:] * 4))
    try:
        with gate.connect() as client:
            client.send(b"".join(gate.search(f"X-Opaque-Id: {n}\r\n", body) for n, body in enumerate(bodies)))
            answers = [client.receive() for _ in bodies]
    finally:
        gate.upstream.respond = lambda request, connection: wire.answer()
    assert [answer.headers["x-opaque-id"] for answer in answers] == [str(n) for n in range(20)]
    seen = gate.seen()
    assert [request.headers["x-opaque-id"] for request in seen] == [str(n) for n in range(20)]
    for n, request in enumerate(seen):
        assert json.dumps({"term": {"n": n}}).replace(" ", "") in request.body.decode().replace(" ", "")


def test_a_broken_request_ends_the_pipeline(gate):
    with gate.connect() as client:
        client.send(gate.search() + gate.head("Host: other\r\n") + gate.search())
        assert client.receive().status == 200
        assert client.receive().status == 400
        assert client.closed()
    assert len(gate.seen()) == 1


def test_continue_is_said_only_when_the_request_may_come(gate):
    with gate.connect() as client:
        client.send(gate.head(f"Expect: 100-continue\r\nContent-Length: {len(SEARCH)}\r\n"))
        assert client.receive().status == 100
        assert client.send(SEARCH).receive().status == 200
    assert len(gate.seen()) == 1

    for lines in (f"Content-Length: {1 << 30}\r\n", "Content-Length: 5\r\nX-Shared-Token: other\r\n",
                  "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"):
        with gate.connect() as client:
            assert client.send(gate.head(f"Expect: 100-continue\r\n{lines}")).receive().status in (400, 413)
            assert client.closed()


def test_nobody_fills_memory_without_a_token(gate):
    for credential in ("", "Authorization: Bearer unknown\r\n"):
        with gate.connect() as client:
            client.send(f"POST /logs-a/_search HTTP/1.1\r\nHost: gate\r\n{credential}Expect: 100-continue\r\n"
                        "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
            answer = client.receive()
            assert (answer.status, code_of(answer)) == (401, "token.invalid")
            assert answer.headers["www-authenticate"] == "Bearer"
            assert client.closed()
    assert gate.seen() == []


def test_unknown_and_missing_tokens_are_answered_alike(gate):
    answers = []
    for credential in ("", "Authorization: Bearer unknown\r\n", "Authorization: Basic c2hhcmVkLXRva2VuOng=\r\n",
                       "X-Shared-Token: x\r\n", "Authorization: Negotiate x\r\n"):
        with gate.connect() as client:
            answer = client.send(f"GET /logs-a/_search HTTP/1.1\r\nHost: gate\r\n{credential}\r\n").receive()
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
            answers.append((answer.body, sorted(answer.headers)))
    assert answers == answers[:1] * 5


def test_a_refused_head_request_has_no_body(gate):
    with gate.connect() as client:
        client.send(gate.head(request="HEAD /other/_doc/1 HTTP/1.1") + gate.search())
        answer = client.receive(to_head=True)
        assert answer.status == 403 and int(answer.headers["content-length"]) > 0
        assert client.receive().status == 200
    gate.seen()


def test_an_early_close_leaves_nothing_behind(gate):
    for part in (b"", b"POST", gate.head()[:-3], gate.search()[:-5], gate.head(CHUNKED) + b"1a\r\n{"):
        with gate.connect() as client:
            client.send(part)
    with gate.connect() as client:
        assert client.send(gate.search()).receive().status == 200
    assert len(gate.seen()) == 1


@pytest.mark.parametrize("opaque, expected", [("job-7", "job-7"), ("a b", None), ("x" * 128, "x" * 128), ("x" * 129, None),
                                              ("caf\xe9", None), ("", None)])
def test_the_opaque_id_passes_only_if_it_is_plain(gate, opaque, expected):
    with gate.connect() as client:
        answer = client.send(gate.search(f"X-Opaque-Id: {opaque}\r\n")).receive()
    assert answer.headers.get("x-opaque-id") == expected
    [request] = gate.seen()
    assert request.headers.get("x-opaque-id") == expected


def test_connection_close_is_honoured(gate):
    with gate.connect() as client:
        answer = client.send(gate.search("Connection: close\r\n") + gate.search()).receive()
        assert answer.headers["connection"] == "close"
        assert client.closed()
    assert len(gate.seen()) == 1
