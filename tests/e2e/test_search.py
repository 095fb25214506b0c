"""Whole answers over the sample of log documents: what a token shows is what Python finds in the same documents."""
import collections
import itertools

import pytest

import sample
from nodes import until

ALL = {"size": 0, "track_total_hits": True}


def values(source, field):
    for name in field.split("."):
        source = source[name]
    return [str(value) for value in source] if isinstance(source, list) else [str(source)]


def matches(source, filters, operator="AND"):
    return (all if operator == "AND" else any)(value in values(source, field) for field, value in filters)


def total(holder, body=None, path="/logs-*/_search"):
    return holder.json("POST", path, {**ALL, **(body or {})})["hits"]["total"]["value"]


@pytest.fixture(scope="module")
def payments(sampled_weir):
    return sampled_weir.as_holder(sampled_weir.create_token([("team", "payments")], "payments"))


@pytest.mark.parametrize("team", sample.TEAMS)
def test_a_team_sees_its_documents(sampled_weir, logs, team):
    holder = sampled_weir.as_holder(sampled_weir.create_token([("team", team)], team))
    mine = [source for _, _, source in logs if source["team"] == team]
    answer = holder.json("POST", "/logs-*/_search", {**ALL, "aggs": {
        "teams": {"terms": {"field": "team"}}, "levels": {"terms": {"field": "level"}}, "users": {"cardinality": {"field": "user.name"}},
        "bytes": {"sum": {"field": "bytes"}}, "days": {"date_histogram": {"field": "@timestamp", "calendar_interval": "1d", "min_doc_count": 1}}}})
    found = answer["aggregations"]
    assert answer["hits"]["total"]["value"] == len(mine)
    assert [(bucket["key"], bucket["doc_count"]) for bucket in found["teams"]["buckets"]] == [(team, len(mine))]
    assert {bucket["key"]: bucket["doc_count"] for bucket in found["levels"]["buckets"]} == collections.Counter(row["level"] for row in mine)
    assert found["users"]["value"] == len({row["user"]["name"] for row in mine})
    assert found["bytes"]["value"] == sum(row["bytes"] for row in mine)
    assert {bucket["key_as_string"][:10]: bucket["doc_count"] for bucket in found["days"]["buckets"]} == collections.Counter(
        row["@timestamp"][:10] for row in mine)


@pytest.mark.parametrize("filters, operator", [
    ([("team", "payments"), ("level", "error")], "AND"),
    ([("team", "payments"), ("level", "fatal")], "OR"),
    ([("user.name", "小林")], "AND"),
    ([("labels", "naïve café"), ("labels", "🦊")], "OR"),
    ([("labels", 'say "hi"'), ("labels", "back\\slash")], "OR"),
    ([("labels", " ")], "AND"),
    ([("labels", "a/b:c"), ("team", "search")], "AND"),
    ([("labels", "null")], "AND"),
    ([("labels", "50%"), ("labels", "upper")], "OR"),
    ([("status", "404")], "AND"),
    ([("user.id", "1003"), ("country", "DE")], "AND"),
    ([("team", "nobody")], "AND"),
    ([("nothing", "x")], "AND"),
], ids=lambda value: value if isinstance(value, str) else "+".join(f"{field}={text}" for field, text in value))
def test_filters_mean_equality(sampled_weir, logs, filters, operator):
    token = sampled_weir.create_token(filters, "equality", filtersOperator=operator)
    holder = sampled_weir.as_holder(token)
    expected = {key for _, key, source in logs if all(field != "nothing" for field, _ in filters) and matches(source, filters, operator)}
    assert total(holder) == len(expected)
    found = holder.json("POST", "/logs-*/_search", {"size": 10_000, "_source": False, "sort": ["trace"]})["hits"]["hits"]
    assert {hit["_id"] for hit in found} <= expected and len(found) == min(len(expected), 10_000)


def test_a_value_is_never_more_than_a_value(sampled_weir):
    for value, reason in [("*", "wildcards are not supported"), ("x?y", "wildcards are not supported"), ("pay*", "wildcards are not supported"),
                          ("", "the value is empty")]:
        response = sampled_weir.admin.request("POST", "/v1/shared-tokens/filters", {"field": "labels", "value": value})
        assert response.status_code == 400 and reason in response.text
    holder = sampled_weir.as_holder(sampled_weir.create_token([("team", '"}},{"match_all":{}},{"term":{"team":"payments')]))
    assert total(holder) == 0


def test_no_way_of_naming_indices_leads_out_of_the_scope(sampled_weir, payments, logs):
    mine = sum(source["team"] == "payments" for _, _, source in logs)
    day = sum(index == "logs-2026.01.07" and source["team"] == "payments" for index, _, source in logs)
    for path, expected in [("/_search", mine), ("/_all/_search", mine), ("/*/_search", mine), ("/logs-*/_search", mine),
                           ("/l*-*/_search", None), ("/logs-2026.01.07/_search", day), ("/logs-2026.01.07,logs-2026.01.07/_search", day),
                           ("/*-2026.01.07/_search", None), ("/secrets-2026/_search", None), ("/logs-2026.01.07,secrets-*/_search", None)]:
        response = payments.request("POST", path, ALL)
        if expected is None:
            assert response.status_code == 200 and response.json()["hits"]["total"]["value"] <= mine or response.status_code == 403, path
        else:
            assert response.json()["hits"]["total"]["value"] == expected, path
        assert "secrets" not in response.text or response.status_code == 403
    names = payments.json("POST", "/_search", {**ALL, "aggs": {"i": {"terms": {"field": "_index", "size": 100}}}})["aggregations"]["i"]["buckets"]
    assert {name["key"] for name in names} == {f"logs-2026.01.{day:02d}" for day in range(5, 12)}


def test_every_page_shows_the_filter(payments, logs):
    mine = sorted((source["@timestamp"], source["trace"]) for _, _, source in logs if source["team"] == "payments")
    found, after = [], None
    while True:
        body = {"size": 997, "sort": [{"@timestamp": "asc"}, {"trace": "asc"}], "_source": ["@timestamp", "trace", "team"]}
        hits = payments.json("POST", "/logs-*/_search", body | ({"search_after": after} if after else {}))["hits"]["hits"]
        if not hits:
            break
        assert all(hit["_source"]["team"] == "payments" for hit in hits)
        found += [(hit["_source"]["@timestamp"], hit["_source"]["trace"]) for hit in hits]
        after = hits[-1]["sort"]
    assert found == mine


def test_new_indices_and_aliases_are_seen_through_the_filter(opensearch, start_weir):
    mapping = {"properties": {"team": {"type": "keyword"}}}
    opensearch.index("fresh-1", {"1": {"team": "a"}, "2": {"team": "b"}}, mapping)
    weir = start_weir(opensearch, indices=["fresh-*"])
    holder = weir.as_holder(weir.create_token([("team", "a")]))
    assert total(holder, path="/fresh-*/_search") == 1
    opensearch.index("fresh-2", {"3": {"team": "a"}, "4": {"team": "b"}}, mapping)
    until(lambda: total(holder, path="/fresh-*/_search") == 2)  # nothing of it before its mapping has been read
    opensearch.json("POST", "/_aliases", {"actions": [{"add": {"index": "fresh-*", "alias": "fresh-all"}}]})
    assert total(holder, path="/fresh-all/_search") == 2
    # An index that does not map the field shows nothing.
    opensearch.index("fresh-3", {"5": {"other": 1}}, {"properties": {"other": {"type": "long"}}})
    assert total(holder, path="/fresh-*/_search") == 2


def test_data_streams_are_seen_through_the_filter(each_opensearch, start_weir):
    each_opensearch.json("PUT", "/_index_template/streamed", {"index_patterns": ["streamed-*"], "data_stream": {}, "template": {
        "settings": {"number_of_replicas": 0}, "mappings": {"properties": {"team": {"type": "keyword"}}}}})
    lines = itertools.chain(*(({"create": {}}, {"@timestamp": "2026-01-01T00:00:00Z", "team": team}) for team in "aabbb"))
    assert not each_opensearch.json("POST", "/streamed-app/_bulk?refresh=true", ndjson=list(lines))["errors"]
    each_opensearch.json("POST", "/streamed-app/_rollover")
    assert each_opensearch.json("POST", "/streamed-app/_doc?refresh=true", {"@timestamp": "2026-01-02T00:00:00Z", "team": "a"})
    weir = start_weir(each_opensearch, indices=["streamed-*"])
    holder = weir.as_holder(weir.create_token([("team", "a")]))
    for name in ("streamed-app", "streamed-*", "*"):
        assert total(holder, path=f"/{name}/_search") == 3, name


def test_a_token_without_filters_sees_its_account_until_that_is_switched_off(sampled_opensearch, start_weir):
    weir = start_weir(sampled_opensearch, indices=["logs-*"])
    holder = weir.as_holder(weir.create_token([], "unfiltered"))
    assert total(holder) == sample.DOCUMENTS
    weir.stop()
    weir.flags += ["--tokens-unfiltered", "deny"]
    weir.start()
    response = holder.request("POST", "/logs-*/_search", ALL)
    assert (response.status_code, response.json()["error"]["root_cause"][0]["code"]) == (403, "token.unfiltered")
