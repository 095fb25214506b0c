"""What the API says about a token: what it shows, what the gate does with a request, why a document shows. Held against OpenSearch itself and against
what the token's holder is answered."""
import json

import pytest

import nodes

TOKENS, FILTERS = "/v1/shared-tokens", "/v1/shared-tokens/filters"
MAPPING = {"properties": {"team": {"type": "keyword"}, "env": {"type": "keyword"}, "@timestamp": {"type": "date"}, "message": {"type": "text"}}}
OTHER_MAPPING = {"properties": {"team": {"type": "text"}, "env": {"type": "keyword"}, "@timestamp": {"type": "date"}}}


def rows(begin, count, **fields):
    return {str(begin + i): {"@timestamp": f"2026-01-0{1 + i % 9}T00:00:00Z", "n": i, **fields} for i in range(count)}


@pytest.fixture(scope="module")
def node(each_opensearch):
    each_opensearch.request("DELETE", "/asked-*,foreign-*?expand_wildcards=all")
    each_opensearch.index("asked-1", rows(0, 20, team="red", env="prod") | rows(100, 5, team="red", env="test"), MAPPING)
    each_opensearch.index("asked-2", rows(0, 7, team="blue", env="prod") | rows(50, 2, team=["red", "blue"], env="prod"), MAPPING)
    each_opensearch.index("asked-text", rows(0, 3, team="red", env="prod"), OTHER_MAPPING)
    each_opensearch.index("foreign-1", rows(0, 4, team="red", env="prod"), MAPPING)
    return each_opensearch


@pytest.fixture(scope="module")
def weir(node, tmp_path_factory):
    with nodes.Weir(tmp_path_factory.mktemp("asked"), node, indices=["asked-*"]) as program:
        yield program


def preview(weir, token, query=""):
    return weir.admin.json("GET", f"{TOKENS}/{token['id']}/preview{query}")


def codes(shown):
    return {warning["code"] for warning in shown["warnings"]}


def count_of(holder):
    return holder.json("POST", "/_search?size=0&track_total_hits=true", {})["hits"]["total"]["value"]


def test_a_preview_counts_what_the_holder_sees(weir):
    token = weir.create_token([("team", "red"), ("env", "prod")])
    shown = preview(weir, token)
    assert shown["documents"] == 22 == count_of(weir.as_holder(token))
    assert shown["documentsInScope"] == 37
    assert shown["indices"] == [{"index": "asked-1", "documents": 20}, {"index": "asked-2", "documents": 2}]
    team, env = shown["filters"]
    assert (team["field"], team["value"], team["documents"], team["multiValued"]) == ("team", "red", 27, True)
    assert (env["documents"], env["multiValued"]) == (32, False)
    assert (team["exactIndices"], team["excludedIndices"], env["exactIndices"]) == (2, 1, 3)
    assert "asked-text" in team["verdict"] and "verdict" not in env
    assert codes(shown) == {"MULTI_VALUED", "INDEX_EXCLUDED"}


def test_a_preview_has_the_newest_documents_and_a_histogram(weir):
    token = weir.create_token([("team", "blue")])
    shown = preview(weir, token, "?samples=3&intervals=20")
    stamps = [hit["_source"]["@timestamp"] for hit in shown["newest"]]
    assert len(stamps) == 3 and stamps == sorted(stamps, reverse=True) and stamps[0].startswith("2026-01-07")
    assert all(set(hit) == {"_index", "_id", "_source"} for hit in shown["newest"])
    assert sum(part["documents"] for part in shown["histogram"]) == shown["documents"] == 9
    assert shown["timeField"] == "@timestamp" and shown["interval"]
    elsewhere = preview(weir, token, "?timeField=nowhere")
    assert elsewhere["documents"] == 9 and elsewhere["histogram"] == []


@pytest.mark.parametrize("filters, operator, documents, code", [
    ([("team", "green")], "AND", 0, "MATCHES_NOTHING"),
    ([], "AND", 37, "NO_FILTER"),
    ([("team", "red"), ("team", "blue")], "OR", 34, None),
    ([("team", "blue"), ("env", "nowhere")], "AND", 0, "FILTER_MATCHES_NOTHING"),
    ([("env", "prod"), ("env", "test")], "OR", 37, "MATCHES_EVERYTHING"),
])
def test_a_preview_warns(weir, filters, operator, documents, code):
    shown = preview(weir, weir.create_token(filters, filtersOperator=operator))
    assert shown["documents"] == documents
    assert code is None or code in codes(shown)


def test_filters_are_previewed_before_they_are_saved(weir):
    known = weir.create_filter("team", "red")
    before = (weir.admin.json("GET", TOKENS), weir.admin.json("GET", FILTERS))
    body = {"filters": [known], "drafts": [{"field": "env", "value": "test"}], "filtersOperator": "AND", "samples": 1}
    shown = weir.admin.json("POST", f"{TOKENS}/preview", body)
    assert shown["documents"] == 5 and [part["documents"] for part in shown["filters"]] == [27, 5]
    assert "id" in shown["filters"][0] and "id" not in shown["filters"][1]
    text = weir.admin.json("POST", f"{TOKENS}/preview", {"drafts": [{"field": "message", "value": "x"}]})
    assert "INDEX_EXCLUDED" in codes(text) and "`text`" in text["filters"][0]["verdict"]
    assert before == (weir.admin.json("GET", TOKENS), weir.admin.json("GET", FILTERS))
    for wrong in ({"drafts": [{"field": "_index", "value": "x"}]}, {"drafts": [{"field": "a"}]}, {"filters": [999999]}, {"colour": 1}, {"samples": 51}):
        assert weir.admin.request("POST", f"{TOKENS}/preview", wrong).status_code == 400, wrong


def test_an_explanation_is_what_the_gate_sends(weir, node):
    token = weir.create_token([("team", "red")])
    answer = weir.admin.json("POST", f"{TOKENS}/{token['id']}/explain", {
        "method": "POST", "path": "/asked-1/_search?size=3", "body": {"query": {"range": {"n": {"gte": 5}}}, "sort": ["n"]}})
    assert (answer["outcome"], answer["route"]) == ("forward", "search")
    sent = answer["upstream"]
    replayed = node.json(sent["method"], sent["target"], json.loads(sent["body"]))
    held = weir.as_holder(token).json("POST", "/asked-1/_search?size=3", {"query": {"range": {"n": {"gte": 5}}}, "sort": ["n"]})
    assert replayed["hits"]["hits"] == held["hits"]["hits"] and len(held["hits"]["hits"]) == 3
    own, at = "", 0
    for part in sent["inserted"]:
        own, at = own + sent["body"][at:part["from"]], part["to"]
    assert "red" not in own + sent["body"][at:] and '"range"' in own + sent["body"][at:]


def test_an_explanation_of_a_refusal_is_the_holders(weir):
    token = weir.create_token([("team", "red")])
    request = {"aggs": {"a": {"terms": {"field": "n", "min_doc_count": 0}}}}
    answer = weir.admin.json("POST", f"{TOKENS}/{token['id']}/explain", {"method": "POST", "path": "/asked-1/_search", "body": request})
    held = weir.as_holder(token).request("POST", "/asked-1/_search", request)
    error = held.json()["error"]
    assert (answer["outcome"], answer["status"], answer["code"], answer["where"]) == ("deny", held.status_code, error["code"], error["path"])
    lines = weir.admin.json("POST", f"{TOKENS}/{token['id']}/explain", {"method": "POST", "path": "/_msearch", "body": '{"index":"asked-1"}\n{}\n'})
    assert lines["outcome"] == "forward"
    weir.admin.json("PUT", f"{TOKENS}/{token['id']}", {"filters": [], "expirationDate": None})
    assert weir.admin.request("POST", f"{TOKENS}/{token['id']}/explain", {"method": "FETCH", "path": "x"}).status_code == 400


def test_why_a_document_shows(weir):
    token = weir.create_token([("team", "red"), ("env", "prod")])

    def why(index, id):
        return weir.admin.json("POST", f"{TOKENS}/{token['id']}/why", {"index": index, "id": id})

    shown = why("asked-1", "3")
    assert shown["visible"] and shown["inScope"] and [part["matches"] for part in shown["filters"]] == [True, True]
    hidden = why("asked-1", "101")
    assert not hidden["visible"] and [part["matches"] for part in hidden["filters"]] == [True, False]
    assert why("asked-2", "1")["visible"] is False
    excluded = why("asked-text", "1")
    assert not excluded["visible"] and excluded["inScope"] and "asked-text" in excluded["filters"][0]["verdict"]
    for index, id in (("foreign-1", "1"), ("asked-1", "none"), ("asked-none", "1")):
        nothing = why(index, id)
        assert not nothing["visible"] and not nothing["inScope"] and "no such document" in nothing["reason"]


def test_inquiries_about_foreign_tokens_and_an_absent_cluster(weir, tmp_path):
    for method, path, body in (("GET", "999999/preview", None), ("POST", "999999/explain", {"method": "GET", "path": "/"}), ("POST", "999999/why", {"index": "a", "id": "b"})):
        response = weir.admin.request(method, f"{TOKENS}/{path}", body)
        assert response.status_code == 400 and response.json()["errorCode"] == "shared-tokens/TOKEN_NOT_FOUND"
    port = nodes.free_port()
    with nodes.Weir(tmp_path / "alone", f"http://127.0.0.1:{port}", indices=["asked-*"], ready=False) as alone:
        nodes.until(lambda: b'"event":"serving"' in alone.log().encode())
        token = alone.admin.json("POST", TOKENS, {"tokenName": "t"})
        response = alone.admin.request("GET", f"{TOKENS}/{token['id']}/preview")
        assert response.status_code == 503 and response.json()["parameters"]["code"] == "gate.mappings_unknown"
        assert response.headers["Retry-After"]


@pytest.fixture(scope="module")
def fielded(node):
    properties = {**MAPPING["properties"], "message": {"type": "text", "fields": {"keyword": {"type": "keyword"}}}, "n": {"type": "long"}, "ok": {"type": "boolean"},
                  "host": {"properties": {"name": {"type": "keyword"}}}}
    node.index("asked-fields", {str(i): {"team": ["red", "Reddish"] if i else "blue", "message": f"text {i}", "n": i, "ok": i == 0, "host": {"name": "h*1"}, "env": "prod"}
                                for i in range(3)}, {"properties": properties})
    yield node
    node.request("DELETE", "/asked-fields")


def test_fields_are_listed_with_what_a_filter_on_them_is_worth(fielded, weir):
    nodes.until(lambda: any(field["name"] == "host.name" for field in weir.admin.json("GET", "/v1/fields")["fields"]), 60)
    fields = {field["name"]: field for field in weir.admin.json("GET", "/v1/fields")["fields"]}
    assert "host" not in fields and not any(name.startswith("_") for name in fields)
    assert fields["host.name"] == {"name": "host.name", "types": ["keyword"], "exactIndices": 1, "otherIndices": 0}
    message = fields["message"]
    assert message["types"] == ["text"] and message["exactIndices"] == 0 and "text" in message["why"] and message["useInstead"] == "message.keyword"
    team = fields["team"]
    assert set(team["types"]) == {"keyword", "text"} and team["exactIndices"] == 3 and team["otherIndices"] == 1
    found = weir.admin.json("GET", "/v1/fields?search=TEA&limit=1")
    assert [field["name"] for field in found["fields"]] == ["team"] and found["more"] is False
    assert weir.admin.json("GET", "/v1/fields?limit=1")["more"] is True


def test_values_are_listed_and_counted(fielded, weir):
    def values(query):
        return {part["value"]: part["documents"] for part in weir.admin.json("GET", f"/v1/fields/values?{query}")["values"]}

    nodes.until(lambda: "Reddish" in values("field=team"), 60)
    assert values("field=team") == {"red": 29, "blue": 10, "Reddish": 2}
    assert values("field=team&search=DISH") == {"Reddish": 2}
    assert values("field=host.name&search=h*") == {"h*1": 3} and values("field=host.name&search=hx") == {}
    assert values("field=ok") == {"true": 1, "false": 2}
    assert values("field=n&search=2").get("2", 0) > 0
    assert values("field=message") == {} == values("field=nowhere")
    assert weir.admin.json("GET", "/v1/fields/values?field=team&limit=1")["more"] is True
    for wrong in ("", "field=", "field=_id", "field=team&limit=201"):
        assert weir.admin.request("GET", f"/v1/fields/values?{wrong}").status_code == 400, wrong
