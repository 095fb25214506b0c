"""Requests that are decided by an answer of the cluster's: documents that queries name by id, templates, and field capabilities. What the upstream is asked,
in which order, and what an answer that is too large, broken or late does."""
import json
import pathlib
import time

import pytest

import nodes
import wire

BODY = {"query": {"terms": {"user": {"index": "logs-users", "id": "vip", "path": "ids"}}}}
TEMPLATE = {"source": {"query": {"term": {"user": "{{who}}"}}}, "params": {"who": "ada"}}
RENDERED = b'{"template_output":{"query":{"term":{"user":"ada"}}}}'
SECRET = b"hidden-document-4711"


def found(source):
    return json.dumps({"took": 1, "responses": [{"timed_out": False, "status": 200, "hits": {"hits": [
        {"_index": "logs-users", "_id": "vip", "_source": source}]}}]}).encode()


class Gate:
    """`answers`: path of a request -> what is answered."""

    def __init__(self, weir, upstream):
        self.weir, self.upstream, self.answers = weir, upstream, {}
        self.created = weir.create_token([("team", "payments")])
        self.holder = weir.as_holder(self.created)
        upstream.respond = self.respond

    def respond(self, request, connection):
        answer = self.answers[request.start.split()[1].partition("?")[0]]
        return answer(request, connection) if callable(answer) else answer

    def ask(self, path="/logs-a/_search", body=None, answers=None):
        self.answers = answers or {}
        self.upstream.requests.clear()
        return self.holder.request("POST", path, body or BODY)

    def seen(self):
        return [request.start.split()[1].partition("?")[0] for request in self.upstream.requests]


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    flags = ["--gate-threads", "1", "--upstream-answer-timeout", "2s", "--upstream-body-timeout", "2s", "--upstream-fields-interval", "0s"]
    with wire.Upstream() as upstream, nodes.Weir(tmp_path_factory.mktemp("lookups") / "weir", upstream.url, flags=flags) as weir:
        yield Gate(weir, upstream)


def code_of(response):
    return response.json()["error"]["code"]


def test_a_document_is_fetched_through_the_filter_and_inlined(gate):
    answer = gate.ask(answers={"/_msearch": wire.answer(found({"ids": ["a", 7]})), "/logs-a/_search": wire.answer()})
    assert answer.content == wire.SEARCH_ANSWER
    assert gate.seen() == ["/_msearch", "/logs-a/_search"]
    header, search = (json.loads(line) for line in gate.upstream.requests[0].body.splitlines())
    assert (header["index"], header["routing"], search["size"], search["_source"]) == ("logs-users", "vip", 1, ["ids"])
    filters = search["query"]["constant_score"]["filter"]["bool"]["filter"]
    assert '"value": "payments"' in json.dumps(filters[0]) and filters[-1] == {"ids": {"values": ["vip"]}}
    sent = json.loads(gate.upstream.requests[1].body)
    assert sent["query"]["constant_score"]["filter"]["bool"]["filter"][-1] == {"terms": {"user": ["a", 7]}}


def test_what_is_denied_is_not_looked_up(gate):
    for body, code in (({**BODY, "suggest": {}}, "body.key_denied"),
                       ({"query": {"terms": {"user": {"index": "secrets", "id": "vip", "path": "ids"}}}}, "index.scope"),
                       ({"query": {"bool": {"must": [BODY["query"], {"nope": {}}]}}}, "query.unknown")):
        assert code_of(gate.ask(body=body)) == code
        assert gate.seen() == []


@pytest.mark.parametrize("status, code", [("503 Service Unavailable", "upstream.unavailable"), ("429 Too Many Requests", "upstream.busy"),
                                          ("403 Forbidden", "upstream.denied"), ("404 Not Found", "upstream.not_found")])
@pytest.mark.parametrize("path, body, first", [("/logs-a/_search", BODY, "/_msearch"),
                                               ("/logs-a/_search/template", TEMPLATE, "/_render/template")])
def test_errors_of_the_first_exchange_are_mapped(gate, status, code, path, body, first):
    answer = gate.ask(path, body, {first: wire.answer(b'{"error":{"type":"odd","reason":"%s"}}' % SECRET, status)})
    assert code_of(answer) == code and SECRET not in answer.content
    assert gate.seen() == [first]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"responses":[]}', b'{"responses":[{"hits":{"hits":[{"_id":"other"}]}}]}', b"\xff"])
def test_an_answer_that_does_not_fit_is_not_used(gate, body):
    assert code_of(gate.ask(answers={"/_msearch": wire.answer(body)})) == "upstream.protocol"
    assert gate.seen() == ["/_msearch"]


def test_a_cut_answer_is_not_used(gate):
    def cut(request, connection):
        connection.sendall(wire.answer(found({"ids": ["a"]}))[:-5])

    assert code_of(gate.ask(answers={"/_msearch": cut})) == "upstream.protocol"
    assert gate.ask(answers={"/_msearch": wire.answer(found({})), "/logs-a/_search": wire.answer()}).status_code == 200


def caps_of(*names):
    return json.dumps({"indices": ["logs-a"], "fields": {name: {"keyword": {"type": "keyword", "searchable": True, "aggregatable": True}}
                                                         for name in names}}).encode()


def seen_of(*counts):
    return json.dumps({"timed_out": False, "aggregations": {"seen": {"buckets": [{"doc_count": count} for count in counts]}}}).encode()


CAPS, SEARCH = "/logs-a/_field_caps", "/logs-a/_search"


def field_caps(gate, caps, seen=None):
    gate.answers = {CAPS: caps, SEARCH: seen}
    gate.upstream.requests.clear()
    return gate.holder.request("GET", f"{CAPS}?fields=*")


def test_fields_are_looked_for_in_visible_documents(gate):
    answer = field_caps(gate, wire.answer(caps_of("sealed", "team")), wire.answer(seen_of(0, 3)))
    assert (answer.status_code, answer.json()) == (200, json.loads(caps_of("team")))
    assert gate.seen() == [CAPS, SEARCH]
    sent = json.loads(gate.upstream.requests[1].body)
    assert sent["aggs"]["seen"]["filters"]["filters"] == [{"exists": {"field": "sealed"}}, {"exists": {"field": "team"}}]
    assert '"value": "payments"' in json.dumps(sent["query"]["constant_score"]["filter"]["bool"]["filter"][0])


def test_the_order_of_fields_is_that_of_their_names(gate):
    few = field_caps(gate, wire.answer(caps_of("b", "c", "a")), wire.answer(seen_of(1, 1, 1)))
    many = field_caps(gate, wire.answer(caps_of("c", "sealed", "a", "b")), wire.answer(seen_of(1, 1, 1, 0)))
    assert few.content == many.content
    assert few.headers["Content-Length"] == many.headers["Content-Length"]


def test_errors_of_each_exchange_for_fields_are_mapped(gate):
    broken = wire.answer(b'{"error":{"type":"odd","reason":"%s"}}' % SECRET, "503 Service Unavailable")
    for caps, seen, code in ((broken, None, "upstream.unavailable"), (wire.answer(caps_of("team")), broken, "upstream.unavailable"),
                             (wire.answer(b"{}"), None, "upstream.protocol"), (wire.answer(b""), None, "upstream.protocol"),
                             (wire.answer(caps_of("team")), wire.answer(seen_of()), "upstream.protocol"),
                             (wire.answer(caps_of(*map(str, range(10_001)))), None, "fields.too_many")):
        answer = field_caps(gate, caps, seen)
        assert code_of(answer) == code and SECRET not in answer.content
        assert gate.seen() == ([CAPS] if seen is None else [CAPS, SEARCH])


def test_a_filter_that_changes_while_fields_are_looked_for_begins_anew(gate):
    old, new = gate.created["filters"][0], gate.weir.create_filter("team", "orders")
    turns = []

    def change(request, connection):
        turns.append(request.body)
        if len(turns) == 1:
            gate.weir.admin.json("PUT", f"/v1/shared-tokens/{gate.created['id']}", {"filters": [new]})
        return wire.answer(seen_of(2 - len(turns)))

    try:
        assert field_caps(gate, wire.answer(caps_of("team")), change).json()["fields"] == {}
        assert gate.seen() == [CAPS, SEARCH] * 2
        assert b'"payments"' in turns[0] and b'"payments"' not in turns[1] and b'"orders"' in turns[1]
    finally:
        gate.weir.admin.json("PUT", f"/v1/shared-tokens/{gate.created['id']}", {"filters": [old]})


def test_fields_that_were_found_are_kept_and_found_anew_behind_an_answer(tmp_path):
    interval = 0.5
    flags = ["--upstream-fields-interval", f"{interval * 1000:.0f}ms"]
    with wire.Upstream() as upstream, nodes.Weir(tmp_path / "weir", upstream.url, flags=flags) as weir:
        gate = Gate(weir, upstream)
        first = field_caps(gate, wire.answer(caps_of("team")), wire.answer(seen_of(1)))
        assert field_caps(gate, None).content == first.content and gate.seen() == []
        other = weir.as_holder(weir.create_token([("team", "payments")], "another"))
        gate.answers = {CAPS: wire.answer(caps_of("team")), SEARCH: wire.answer(seen_of(0))}
        assert other.request("GET", f"{CAPS}?fields=*").json()["fields"] == {}  # what another token's documents have is not this one's
        time.sleep(1.5 * interval)
        more = wire.answer(caps_of("more", "team")), wire.answer(seen_of(1, 1))
        assert field_caps(gate, *more).content == first.content
        deadline = time.monotonic() + 10
        while len(gate.seen()) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert gate.seen() == [CAPS, SEARCH]
        while "more" not in field_caps(gate, *more).json()["fields"]:
            assert time.monotonic() < deadline
        # A change of the filters makes everything kept worthless at once.
        weir.admin.json("PUT", f"/v1/shared-tokens/{gate.created['id']}", {"filters": [weir.create_filter("team", "orders")]})
        assert field_caps(gate, wire.answer(caps_of("team")), wire.answer(seen_of(0))).json()["fields"] == {}


def test_an_account_can_list_what_the_mappings_hold(tmp_path):
    with wire.Upstream() as upstream, nodes.Weir(tmp_path / "weir", upstream.url, flags=["--fields", "mapping"]) as weir:
        gate = Gate(weir, upstream)
        assert field_caps(gate, wire.answer(caps_of("sealed", "team"))).content == caps_of("sealed", "team")
        assert gate.seen() == [CAPS]


def memory(weir):
    status = pathlib.Path(f"/proc/{weir.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


@pytest.mark.parametrize("path, body, first, code", [("/logs-a/_search", BODY, "/_msearch", "lookup.size"),
                                                     ("/logs-a/_search/template", TEMPLATE, "/_render/template", "template.size")])
def test_a_giant_answer_is_not_held(gate, path, body, first, code):
    block = b" " * (1 << 20)
    sent = []

    def flood(request, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(512):
            connection.sendall(b"100000\r\n" + block + b"\r\n")
            sent.append(1)

    before = memory(gate.weir)
    assert code_of(gate.ask(path, body, {first: flood})) == code
    assert gate.seen() == [first]
    assert len(sent) < 64
    assert memory(gate.weir) - before < 64 << 20


def test_a_filter_that_changes_on_the_way_begins_anew(gate):
    old, new = gate.created["filters"][0], gate.weir.create_filter("team", "orders")
    turns = []

    def change(request, connection):
        turns.append(request.body)
        if len(turns) == 1:
            gate.weir.admin.json("PUT", f"/v1/shared-tokens/{gate.created['id']}", {"filters": [new]})
        return wire.answer(found({"ids": [f"of round {len(turns)}"]}))

    try:
        assert gate.ask(answers={"/_msearch": change, "/logs-a/_search": wire.answer()}).status_code == 200
        assert gate.seen() == ["/_msearch", "/_msearch", "/logs-a/_search"]
        assert b'"payments"' in turns[0] and b'"payments"' not in turns[1] and b'"orders"' in turns[1]
        last = gate.upstream.requests[2].body
        assert b"of round 2" in last and b"of round 1" not in last and b'"orders"' in last
    finally:
        gate.weir.admin.json("PUT", f"/v1/shared-tokens/{gate.created['id']}", {"filters": [old]})


def test_a_filter_that_changes_between_the_rounds_begins_anew(gate):
    """The search itself runs while the filters change: what was looked up under the old ones is not used any more."""
    old, new = gate.created["filters"][0], gate.weir.create_filter("team", "orders")
    turns = []

    def change(request, connection):
        turns.append(request.body)
        if len(turns) == 1:
            gate.weir.admin.json("PUT", f"/v1/shared-tokens/{gate.created['id']}", {"filters": [new]})
        return wire.answer()

    try:
        assert gate.ask(answers={"/_msearch": lambda request, connection: wire.answer(found({"ids": [f"{len(turns)} done"]})),
                                 "/logs-a/_search": change}).status_code == 200
        assert gate.seen() == ["/_msearch", "/logs-a/_search"] * 2
        assert b"0 done" in turns[0] and b"1 done" in turns[1] and b"0 done" not in turns[1] and b'"payments"' not in turns[1]
    finally:
        gate.weir.admin.json("PUT", f"/v1/shared-tokens/{gate.created['id']}", {"filters": [old]})


def test_a_template_is_rendered_and_then_a_search(gate):
    answer = gate.ask("/logs-a/_search/template", TEMPLATE, {"/_render/template": wire.answer(RENDERED), "/logs-a/_search": wire.answer()})
    assert answer.content == wire.SEARCH_ANSWER
    assert gate.seen() == ["/_render/template", "/logs-a/_search"]
    assert json.loads(gate.upstream.requests[0].body) == TEMPLATE
    filters = json.loads(gate.upstream.requests[1].body)["query"]["constant_score"]["filter"]["bool"]["filter"]
    assert '"value": "payments"' in json.dumps(filters[0]) and filters[-1] == {"term": {"user": "ada"}}


def test_what_a_template_becomes_is_held_to_the_rules_of_a_search(gate):
    for rendered, code in ((b'{"template_output":{"aggs":{"a":{"terms":{"field":"x","min_doc_count":0}}}}}', "agg.min_doc_count"),
                           (b'{"template_output":{"query":{"match_all":{}}},"suggest":{}}', "template.output"),
                           (b'{"template_output":{"size":1,"size":2}}', "template.output"),
                           (b'{"template_output":{"size":1}', "template.output"),
                           (b'{"template_output":{"size":1}}}', "template.output"),
                           (b'{"template_output":"x"}', "template.output"),
                           (b'{"template_output":{"profile":true}}', "body.key_denied")):
        answer = gate.ask("/logs-a/_search/template", TEMPLATE, {"/_render/template": wire.answer(rendered)})
        assert code_of(answer) == code, rendered
        assert gate.seen() == ["/_render/template"]


def test_a_template_with_a_lookup_takes_three_exchanges(gate):
    rendered = wire.answer(json.dumps({"template_output": BODY}).encode())
    answer = gate.ask("/logs-a/_search/template", {"id": "vips"}, {
        "/_render/template": rendered, "/_msearch": wire.answer(found({"ids": ["a"]})), "/logs-a/_search": wire.answer()})
    assert answer.status_code == 200
    assert gate.seen() == ["/_render/template", "/_msearch", "/logs-a/_search"]
    assert b'{"terms":{"user":["a"]}}' in gate.upstream.requests[2].body.replace(b": ", b":")


def test_a_stored_script_is_not_shown(gate):
    template = b'{"_id":"x","found":true,"script":{"lang":"mustache","source":"{}"}}'
    answers = {"/_scripts/x": wire.answer(template)}
    gate.answers = answers
    assert gate.holder.request("GET", "/_scripts/x").content == template
    gate.answers = {"/_scripts/x": wire.answer(b'{"_id":"x","found":true,"script":{"lang":"painless","source":"%s"}}' % SECRET)}
    hidden = gate.holder.request("GET", "/_scripts/x")
    gate.answers = {"/_scripts/x": wire.answer(b'{"_id":"x","found":false}', "404 Not Found")}
    missing = gate.holder.request("GET", "/_scripts/x")
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content) and hidden.status_code == 404
    gate.upstream.requests.clear()
    for method in ("PUT", "POST", "DELETE"):
        assert gate.holder.request(method, "/_scripts/x", {"script": {"lang": "mustache", "source": "{}"}}).status_code == 403
    assert gate.seen() == []
