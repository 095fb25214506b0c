"""The ground the other suites stand on: nodes with every module they need, and a sample that never changes."""
import hashlib

import pytest

import sample

MAPPINGS = {
    "properties": {
        "kind": {"type": "keyword"},
        "rows": {"type": "nested"},
        "point": {"type": "geo_point"},
        "area": {"type": "geo_shape"},
        "number": {"type": "long"},
        "stored": {"type": "percolator"},
        "link": {"type": "join", "relations": {"parent": "child"}},
        "scaled": {"type": "scaled_float", "scaling_factor": 10},
        "text": {"type": "text", "analyzer": "english"},
    }
}
DOCUMENT = {
    "kind": "a",
    "rows": [{"x": 1}],
    "point": "52,13",
    "area": {"type": "polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
    "number": 5,
    "stored": {"term": {"kind": "a"}},
    "link": "parent",
    "scaled": 1.5,
    "text": "running foxes",
}
QUERIES = {
    "painless": {"script": {"script": "doc['number'].size() > 0 && doc['number'].value > 4"}},
    "nested": {"nested": {"path": "rows", "query": {"term": {"rows.x": 1}}}},
    "percolate": {"percolate": {"field": "stored", "document": {"kind": "a"}}},
    "geo_shape": {"geo_shape": {"area": {"shape": {"type": "envelope", "coordinates": [[-1, 2], [2, -1]]}}}},
    "english": {"match": {"text": "fox"}},
    "scaled_float": {"term": {"scaled": 1.5}},
}


@pytest.fixture(scope="module")
def node(each_opensearch):
    each_opensearch.index("testbed", {"1": DOCUMENT}, MAPPINGS)
    each_opensearch.json("PUT", "/testbed/_doc/2?routing=1&refresh=true", {"link": {"name": "child", "parent": "1"}})
    return each_opensearch


@pytest.mark.parametrize("name", QUERIES)
def test_query_modules(node, name):
    answer = node.json("POST", "/testbed/_search", {"query": QUERIES[name]})
    assert [hit["_id"] for hit in answer["hits"]["hits"]] == ["1"]


def test_parent_join(node):
    answer = node.json("POST", "/testbed/_search", {"query": {"has_child": {"type": "child", "query": {"match_all": {}}}}})
    assert [hit["_id"] for hit in answer["hits"]["hits"]] == ["1"]


def test_aggregation_modules(node):
    answer = node.json("POST", "/testbed/_search", {"size": 0, "aggs": {
        "grid": {"geohash_grid": {"field": "point", "precision": 3}},
        "tile": {"geotile_grid": {"field": "point", "precision": 3}},
        "matrix": {"matrix_stats": {"fields": ["number", "scaled"]}},
    }})["aggregations"]
    assert [answer["grid"]["buckets"][0]["doc_count"], answer["tile"]["buckets"][0]["doc_count"]] == [1, 1]
    assert answer["matrix"]["doc_count"] == 1


def test_other_modules(node):
    rendered = node.json("POST", "/testbed/_search/template",
                         {"source": '{"query":{"term":{"kind":"{{kind}}"}}}', "params": {"kind": "a"}})
    assert rendered["hits"]["total"]["value"] == 1
    fields = node.json("POST", "/testbed/_search", {"query": {"term": {"kind": "a"}}, "script_fields": {
        "double": {"script": {"lang": "expression", "source": "doc['number'] * 2"}}}})
    assert fields["hits"]["hits"][0]["fields"]["double"] == [10.0]
    copied = node.json("POST", "/_reindex?refresh=true", {"source": {"index": "testbed", "query": {"term": {"kind": "a"}}},
                                                          "dest": {"index": "testbed-copy"}})
    assert copied["created"] == 1
    ranked = node.json("POST", "/testbed/_rank_eval", {"metric": {"precision": {"k": 5}}, "requests": [
        {"id": "r", "request": {"query": {"term": {"kind": "a"}}}, "ratings": [{"_index": "testbed", "_id": "1", "rating": 1}]}]})
    assert ranked["metric_score"] == 1.0
    piped = node.json("POST", "/_ingest/pipeline/_simulate", {
        "pipeline": {"processors": [{"grok": {"field": "text", "patterns": ["%{WORD:first}"]}}]},
        "docs": [{"_source": {"text": "hello there"}}]})
    assert piped["docs"][0]["doc"]["_source"]["first"] == "hello"


def test_sample_is_the_same_everywhere():
    digest = hashlib.sha256(sample.bulk_lines(sample.documents()).encode()).hexdigest()
    assert digest == "4794f40ccf2bc9cf6669003264c013b9a55f4777b3c0ad03f6d9121d4b835391"


def test_sample_loads(sampled_opensearch):
    answer = sampled_opensearch.json("POST", "/logs-*/_search", {"size": 0, "track_total_hits": True, "aggs": {
        "teams": {"terms": {"field": "team"}}}})
    assert answer["hits"]["total"]["value"] == sample.DOCUMENTS
    assert {bucket["key"] for bucket in answer["aggregations"]["teams"]["buckets"]} == set(sample.TEAMS)
    assert sampled_opensearch.json("GET", "/secrets-2026/_count")["count"] == sample.SECRETS
