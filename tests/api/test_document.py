"""The OpenAPI document is one, and says what the program does."""
import json
import re

import jsonschema_rs
import pytest

TOKENS, FILTERS = "/v1/shared-tokens", "/v1/shared-tokens/filters"
METHODS = {"get", "post", "put", "patch", "delete"}
PUBLISHED = {"getAllTokens", "createToken", "getToken", "updateToken", "deleteToken", "getAllFilters", "createFilter", "getFilter", "deleteFilter"}


@pytest.fixture
def document(weir):
    return weir.admin.json("GET", "/openapi.json")


def operations(document):
    return {operation["operationId"]: (method, path, operation) for path, item in document["paths"].items() for method, operation in item.items() if method in METHODS}


def resolved(document, node):
    while "$ref" in node:
        _, _, kind, name = node["$ref"].split("/")
        node = document["components"][kind][name]
    return node


def test_it_is_well_formed(document):
    assert document["openapi"] == "3.1.0"
    assert PUBLISHED < set(operations(document))
    text = json.dumps(document)
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', text):
        node = document
        for part in reference.split("/"):
            node = node[part]
        assert node
    for kind, parts in document["components"].items():
        for name in parts:
            assert kind == "securitySchemes" or f'"#/components/{kind}/{name}"' in text, f"{kind}/{name} is not used"
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
        assert '"nullable"' not in json.dumps(schema), f"{name}: that was OpenAPI 3.0"


def test_what_every_operation_may_answer(document):
    for name, (method, _, operation) in operations(document).items():
        answers = set(operation["responses"])
        assert {"400", "401", "403", "429", "500", "503"} < answers, name
        assert ("requestBody" in operation) == (method in ("post", "put", "patch")) == ("413" in answers) == ("415" in answers), name
        parameters = {resolved(document, parameter)["name"] for parameter in operation.get("parameters", [])}
        assert ("If-Match" in parameters) == ("412" in answers), name
        assert ("If-None-Match" in parameters) == ("304" in answers), name
        assert ("409" in answers) == bool({"confirm", "Idempotency-Key"} & parameters or name == "createTokens"), name


def validator(document, schema):
    return jsonschema_rs.validator_for({**schema, "components": document["components"]}, base_uri="urn:weir")


def body_schema(document, name, status):
    answer = resolved(document, operations(document)[name][2]["responses"][str(status)])
    return answer["content"]["application/json"]["schema"]


def test_what_is_answered_is_what_it_says(weir, document):
    """One answer of each operation and of each kind of refusal against its schema, and the example values of requests against theirs."""
    known = {"field": "team", "value": "x"}
    filter_id = weir.admin.json("POST", FILTERS, known)["id"]
    token_id = weir.admin.json("POST", TOKENS, {"filters": [filter_id]})["id"]
    one, one_filter = f"{TOKENS}/{token_id}", f"{FILTERS}/{filter_id}"
    stale = {"If-Match": '"0"'}
    links = f"{one}/links"
    link = f"{links}/{weir.admin.json('POST', links, {'url': '/app/x'})['id']}"
    calls = [
        ("getAllTokens", TOKENS, None, 200), ("createToken", TOKENS, {"clientKey": "k"}, 200), ("createToken", TOKENS, {"clientKey": "k", "name": "n"}, 409),
        ("createToken", TOKENS, {"filters": [4711]}, 400), ("createTokens", f"{TOKENS}/bulk", {"tokens": [{}]}, 200), ("searchTokens", f"{TOKENS}/search", {}, 200),
        ("getLimits", f"{TOKENS}/limits", None, 200), ("getAllFilters", FILTERS, None, 200), ("createFilter", FILTERS, {**known, "literal": True}, 200),
        ("searchFilters", f"{FILTERS}/search", {}, 200), ("getFilter", one_filter, None, 200), ("updateFilter", one_filter, {**known, "value": "y*", "literal": True}, 200),
        ("patchFilter", one_filter, {"value": "z"}, 200), ("patchFilter", one_filter, {"value": "y"}, 412), ("getToken", one, None, 200),
        ("updateToken", one, {"filters": []}, 200), ("patchToken", one, {"enabled": False}, 200), ("patchToken", one, {"enabled": True}, 412),
        ("previewDraft", f"{TOKENS}/preview", {"drafts": [known]}, 200), ("previewToken", f"{one}/preview?samples=1", None, 200),
        ("explainRequest", f"{one}/explain", {"method": "POST", "path": "/_search", "body": {"size": 1}}, 200), ("explainRequest", f"{one}/explain", {"path": "/"}, 400),
        ("whyDocument", f"{one}/why", {"index": "logs-a", "id": "1"}, 200), ("whyDocument", f"{one}/why", {"index": "logs-a,", "id": "1"}, 400),
        ("getLinks", links, None, 200), ("createLink", links, {"url": "/app/x#/view/1", "name": "n"}, 200), ("createLink", links, {"url": "x"}, 400), ("getLink", link, None, 200),
        ("revokeLink", link, None, 412), ("revokeLink", link, None, 204), ("getLink", link, None, 400),
        ("rotateToken", f"{one}/rotate", {"grace": 60}, 200), ("deleteToken", one, None, 412), ("deleteFilter", f"{one_filter}?confirm=widen", None, 200),
        ("deleteToken", one, None, 204), ("getAudit", "/v1/audit", None, 200), ("getAudit", "/v1/audit?limit=0", None, 400),
        ("orderTrace", "/v1/traces", {"route": "search", "seconds": 60}, 200), ("orderTrace", "/v1/traces", {"route": "searches", "seconds": 60}, 400),
        ("getFields", "/v1/fields?search=TEA&limit=5", None, 200), ("getFields", "/v1/fields?limit=0", None, 400),
        ("getFieldValues", "/v1/fields/values?field=team", None, 200), ("getFieldValues", "/v1/fields/values", None, 400),
        ("getTraces", "/v1/traces", None, 200), ("endTrace", "/v1/traces/1", None, 204), ("endTrace", "/v1/traces/1", None, 400)]
    assert {name for name, *_ in calls} == set(operations(document))
    for name, path, body, status in calls:
        method = operations(document)[name][0].upper()
        got = weir.admin.request(method, path, body, headers=stale if status == 412 else None)
        assert got.status_code == status, (name, got.text)
        if got.content:
            validator(document, body_schema(document, name, status)).validate(got.json())
        else:
            assert status == 204
    for name, status, headers in (("getToken", 401, {"X-API-TOKEN": "x"}), ("createToken", 415, {"Content-Type": "text/plain"})):
        got = weir.admin.request(operations(document)[name][0].upper(), one if name == "getToken" else TOKENS, data=b"{}", headers=headers)
        assert got.status_code == status
        validator(document, body_schema(document, name, status)).validate(got.json())


def test_requests_it_calls_wrong_are_refused(weir, document):
    """Bodies outside a schema are refused, those inside are not for their form."""
    good = {"createToken": [{}, {"post": {"name": "n"}}, {"filters": None}, {"expirationDate": "2099-01-01T00:00:00Z"}, {"expirationDate": 4102444800}],
            "createFilter": [{"field": "a", "value": "b"}, {"post": {"field": "a", "value": "b"}}, {"field": "a", "value": "b", "description": None, "id": 3}],
            "searchTokens": [{}, {"filter": {"name": "x"}, "sort": [{"field": "id"}], "pagination": {"pageSize": 1}}],
            "orderTrace": [{"token": 1, "seconds": 0.5}, {"index": "logs-*", "seconds": 1, "sample": 0.5}, {"route": "count", "seconds": 86400}]}
    bad = {"createToken": [[], {"post": []}, {"filters": [1, 1]}, {"filters": ["1"]}, {"expirationDate": 0}, {"clientKey": ""}, {"enabled": None}, {"nmae": "x"}],
           "createFilter": [{}, {"field": "a"}, {"field": "", "value": "b"}, {"field": "a", "value": ""}, {"field": "a", "value": 1}],
           "searchTokens": [{"filter": {"token": "x"}}, {"sort": [{}]}, {"pagination": {"pageNumber": 0}}, {"pagination": {"pageSize": 1001}}],
           "createTokens": [{}, {"tokens": []}, {"tokens": [{}] * 101}, {"tokens": [{"post": {}}]}],
           "orderTrace": [{}, {"token": 1}, {"seconds": 1}, {"token": 1, "index": "a", "seconds": 1}, {"token": 1, "seconds": 1, "until": "2099-01-01T00:00:00Z"},
                          {"token": 0, "seconds": 1}, {"index": "a b", "seconds": 1}, {"token": 1, "seconds": 86401}, {"token": 1, "seconds": 1, "sample": 0}, {"token": 1, "until": None}]}
    for bodies, status in ((good, 200), (bad, 400)):
        for name, samples in bodies.items():
            method, path, operation = operations(document)[name]
            schema = validator(document, operation["requestBody"]["content"]["application/json"]["schema"])
            for body in samples:
                assert schema.is_valid(body) == (status == 200), (name, body)
                assert weir.admin.request(method.upper(), path, body).status_code == status, (name, body)
