"""A real client library, opensearch-py, used as people use it: nothing but the address and the token says that there is a gate."""
import pytest
from opensearchpy import AuthorizationException, NotFoundError, OpenSearch, RequestError, helpers

TEAM = {"term": {"team": "payments"}}


@pytest.fixture
def direct(sampled_opensearch):
    return OpenSearch(sampled_opensearch.url)


@pytest.fixture(params=["bearer", "basic", "header", "gzip"])
def client(request, sampled_opensearch, start_weir):
    weir = start_weir(sampled_opensearch)
    token = weir.create_token([("team", "payments")])["token"]
    how = {
        "bearer": {"headers": {"Authorization": f"Bearer {token}"}},
        "basic": {"http_auth": ("shared-token", token)},
        "header": {"headers": {"X-Shared-Token": token}},
        "gzip": {"headers": {"Authorization": f"Bearer {token}"}, "http_compress": True},
    }
    return OpenSearch(weir.gate_url, **how[request.param])


def test_says_what_it_is(client, direct):
    assert client.ping()
    assert client.info()["version"]["number"] == direct.info()["version"]["number"]
    assert client.info()["version"]["distribution"] == "opensearch"


def test_searches_and_counts(client, direct):
    body = {"query": {"match": {"message": "timed out"}}, "size": 0, "aggs": {"teams": {"terms": {"field": "team"}}}}
    mine = client.search(index="logs-*", body=body)
    honest = direct.search(index="logs-*", body={**body, "query": {"bool": {"must": [body["query"]], "filter": [TEAM]}}})
    assert mine["hits"]["total"] == honest["hits"]["total"]
    assert mine["aggregations"] == honest["aggregations"]
    assert client.count(index="logs-*")["count"] == direct.count(index="logs-*", body={"query": TEAM})["count"]


def test_reads_documents(client, direct):
    own = direct.search(index="logs-*", body={"query": TEAM, "size": 3})["hits"]["hits"]
    foreign = direct.search(index="logs-*", body={"query": {"bool": {"must_not": [TEAM]}}, "size": 1})["hits"]["hits"][0]
    assert client.get(index=own[0]["_index"], id=own[0]["_id"])["_source"] == own[0]["_source"]
    assert client.exists(index=own[0]["_index"], id=own[0]["_id"])
    assert client.get_source(index=own[0]["_index"], id=own[0]["_id"]) == own[0]["_source"]
    assert not client.exists(index=foreign["_index"], id=foreign["_id"])
    with pytest.raises(NotFoundError):
        client.get(index=foreign["_index"], id=foreign["_id"])
    wanted = [{"_index": hit["_index"], "_id": hit["_id"]} for hit in [*own, foreign]]
    assert [doc["found"] for doc in client.mget(body={"docs": wanted})["docs"]] == [True, True, True, False]


def test_scans_everything(client, direct):
    mine = {(hit["_index"], hit["_id"]) for hit in helpers.scan(client, index="logs-*", size=1000)}
    honest = {(hit["_index"], hit["_id"]) for hit in helpers.scan(direct, index="logs-*", size=1000, query={"query": TEAM})}
    assert mine == honest and len(mine) > 1000


def test_pages_a_point_in_time(client, direct):
    sort = [{"@timestamp": "asc"}, {"_id": "asc"}]
    pit = client.create_pit(index="logs-*", params={"keep_alive": "1m"})["pit_id"]
    seen, after = [], {}
    while True:
        page = client.search(body={"size": 1000, "sort": sort, "pit": {"id": pit, "keep_alive": "1m"}, **after})["hits"]["hits"]
        if not page:
            break
        seen += [hit["_id"] for hit in page]
        after = {"search_after": page[-1]["sort"]}
    assert client.delete_pit(body={"pit_id": [pit]})["pits"] == [{"successful": True, "pit_id": pit}]
    assert len(seen) == len(set(seen)) == direct.count(index="logs-*", body={"query": TEAM})["count"]


def test_runs_several_searches_and_says_which_is_refused(client, direct):
    answers = client.msearch(index="logs-*", body=[
        {}, {"size": 0, "track_total_hits": True},
        {}, {"size": 0, "aggs": {"all": {"global": {}}}},
        {"index": "secrets-2026"}, {},
    ])["responses"]
    assert answers[0]["hits"]["total"]["value"] == direct.count(index="logs-*", body={"query": TEAM})["count"]
    assert [answer["status"] for answer in answers] == [200, 403, 403]
    assert answers[1]["error"]["code"] == "agg.global"
    assert answers[2]["error"]["code"] == "index.scope"


def test_knows_the_fields(client, direct):
    assert client.field_caps(index="logs-*", params={"fields": "*"})["fields"] == \
        direct.field_caps(index="logs-*", params={"fields": "*"})["fields"]


def test_understands_refusals(client):
    with pytest.raises(AuthorizationException) as refused:
        client.index(index="logs-2026.01.05", body={"team": "payments"})
    assert refused.value.error == "weir_denied"
    with pytest.raises(AuthorizationException):
        client.search(index="secrets-2026")
    with pytest.raises(AuthorizationException):
        client.cat.indices()
    with pytest.raises(RequestError):
        client.search(index="logs-*", body={"query": {"nosuch": {}}})
    with pytest.raises(NotFoundError) as missing:
        client.search(index="logs-nosuch")
    assert missing.value.error == "index_not_found_exception"
