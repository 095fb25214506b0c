"""The Python client of OpenSearch, as it is, pointed at the gate."""
import opensearchpy
import pytest
from opensearchpy import helpers

INDEX = "logs-*"


@pytest.fixture(scope="module")
def token(sampled_weir):
    return sampled_weir.create_token([("team", "catalog")], "python")["token"]


@pytest.fixture(scope="module", params=["bearer", "header", "basic", "in the address", "compressed"])
def client(request, sampled_weir, token):
    """One for each way to hand over the token."""
    address = {"host": "127.0.0.1", "port": sampled_weir.gate_port}
    with opensearchpy.OpenSearch(**{
        "bearer": lambda: {"hosts": [address], "headers": {"Authorization": f"Bearer {token}"}},
        "header": lambda: {"hosts": [address], "headers": {"X-Shared-Token": token}},
        "basic": lambda: {"hosts": [address], "http_auth": ("shared-token", token)},
        "in the address": lambda: {"hosts": [f"http://shared-token:{token}@127.0.0.1:{sampled_weir.gate_port}"]},
        "compressed": lambda: {"hosts": [address], "http_compress": True, "headers": {"Authorization": f"Bearer {token}"}},
    }[request.param]()) as client:
        yield client


@pytest.fixture(scope="module")
def mine(logs):
    return {key: source for _, key, source in logs if source["team"] == "catalog"}


def test_info_and_ping(client):
    assert client.ping() is True
    info = client.info()
    assert (info["version"]["number"], info["version"]["distribution"]) == ("3.4.0", "opensearch")
    assert "cluster_uuid" in info and info["tagline"].startswith("The OpenSearch Project")


def test_search(client, mine):
    answer = client.search(index=INDEX, body={"query": {"match": {"message": "slow query"}}, "track_total_hits": True, "size": 50})
    words = [source for source in mine.values() if {"slow", "query"} & set(source["message"].replace(":", " ").split())]
    assert answer["hits"]["total"]["value"] == len(words)
    assert all(mine[hit["_id"]] == hit["_source"] for hit in answer["hits"]["hits"]) and len(answer["hits"]["hits"]) == 50


def test_search_by_parameters(client, mine):
    answer = client.search(index=INDEX, params={"q": "level:error", "size": 3, "sort": "trace:asc", "filter_path": "hits.total,hits.hits._id"})
    errors = sorted((source["trace"], key) for key, source in mine.items() if source["level"] == "error")
    assert answer == {"hits": {"total": {"value": len(errors), "relation": "eq"}, "hits": [{"_id": key} for _, key in errors[:3]]}}


def test_count_and_exists(client, mine, logs):
    assert client.count(index=INDEX)["count"] == len(mine)
    assert client.count(index=INDEX, body={"query": {"range": {"status": {"gte": 500}}}})["count"] == sum(row["status"] >= 500 for row in mine.values())
    index, key, source = next(row for row in logs if row[2]["team"] == "catalog")
    assert client.exists(index=index, id=key) is True
    assert client.get(index=index, id=key)["_source"] == source == client.get_source(index=index, id=key)
    hidden = next(key for name, key, row in logs if name == index and row["team"] == "payments")
    assert client.exists(index=index, id=hidden) is False
    with pytest.raises(opensearchpy.NotFoundError):
        client.get(index=index, id=hidden)
    assert client.indices.exists(index=index) is True and client.indices.exists(index="logs-1999") is False


def test_mget(client, logs):
    rows = [row for row in logs if row[0] == "logs-2026.01.05"][:40]
    answer = client.mget(index="logs-2026.01.05", body={"ids": [key for _, key, _ in rows]})
    assert [doc["found"] for doc in answer["docs"]] == [source["team"] == "catalog" for _, _, source in rows]
    assert all(doc["_source"] == source for doc, (_, _, source) in zip(answer["docs"], rows) if doc["found"])


def test_msearch(client, mine):
    answer = client.msearch(body=[{"index": INDEX}, {"size": 0, "track_total_hits": True}, {"index": "secrets-2026"}, {"size": 0},
                                  {"index": "logs-2026.01.06"}, {"aggs": {"all": {"sampler": {}}}}, {"index": INDEX}, {"size": 1}])
    assert [item["status"] for item in answer["responses"]] == [200, 403, 403, 200]
    assert answer["responses"][0]["hits"]["total"]["value"] == len(mine)
    assert [item["error"]["type"] for item in answer["responses"][1:3]] == ["weir_denied"] * 2


def test_scan(client, mine):
    query = {"query": {"terms": {"level": ["warn", "error"]}}}
    keys = sorted(hit["_id"] for hit in helpers.scan(client, index=INDEX, query=query, size=200))
    assert keys == sorted(key for key, source in mine.items() if source["level"] in ("warn", "error"))
    ordered = [hit["_source"]["trace"] for hit in helpers.scan(client, index=INDEX, query={"sort": ["trace"]}, preserve_order=True, size=1_000)]
    assert ordered == sorted(source["trace"] for source in mine.values())


def test_point_in_time(client, mine):
    pit = client.create_pit(index=INDEX, params={"keep_alive": "1m"})["pit_id"]
    found, after = [], None
    while True:
        body = {"size": 700, "sort": [{"trace": "asc"}], "pit": {"id": pit, "keep_alive": "1m"}, "_source": False}
        hits = client.search(body=body | ({"search_after": after} if after else {}))["hits"]["hits"]
        if not hits:
            break
        found += [hit["_id"] for hit in hits]
        after = hits[-1]["sort"]
    assert sorted(found) == sorted(mine)
    assert client.delete_pit(body={"pit_id": [pit]})["pits"][0]["successful"] is True


def test_field_caps(client, sampled_opensearch):
    with opensearchpy.OpenSearch(sampled_opensearch.url) as direct:
        assert client.field_caps(index=INDEX, params={"fields": "*"}) == direct.field_caps(index=INDEX, params={"fields": "*"})


def test_what_is_refused_is_raised_as_such(client):
    for call in (lambda: helpers.bulk(client, [{"_index": "logs-x", "_id": "1", "team": "catalog"}]),
                 lambda: client.index(index="logs-2026.01.05", body={"team": "catalog"}),
                 lambda: client.delete_by_query(index=INDEX, body={"query": {"match_all": {}}}),
                 lambda: client.indices.delete(index="logs-2026.01.05"),
                 lambda: client.indices.get_mapping(index=INDEX),
                 lambda: client.cat.indices(),
                 lambda: client.search(index="secrets-2026"),
                 lambda: client.search(index=INDEX, body={"suggest": {"s": {"text": "x", "term": {"field": "message"}}}})):
        with pytest.raises(opensearchpy.AuthorizationException) as raised:
            call()
        assert raised.value.status_code == 403 and raised.value.error == "weir_denied"
    with pytest.raises(opensearchpy.RequestError) as raised:
        client.search(index=INDEX, body={"querry": {}})
    assert raised.value.info["error"]["root_cause"][0]["code"] == "body.key_unknown"
    with pytest.raises(opensearchpy.NotFoundError) as raised:
        client.search(index="logs-1999")
    assert raised.value.error == "index_not_found_exception"


def test_a_wrong_token_is_an_authentication_error(sampled_weir, token):
    for wrong in (token[:-1], token + "x", token.upper() if token != token.upper() else token.lower(), "x", "é"):
        with opensearchpy.OpenSearch([{"host": "127.0.0.1", "port": sampled_weir.gate_port}], http_auth=("shared-token", wrong)) as client:
            with pytest.raises(opensearchpy.AuthenticationException):
                client.search(index=INDEX)
