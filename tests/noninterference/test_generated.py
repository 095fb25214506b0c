"""Generated requests, compared like the cases; and the same with something forbidden in each, refused before OpenSearch is asked. `long` runs any number of
them. A failure names its seed and gives the lines that repeat it."""
import json

import pytest

import exchange
import grammar
import harness
import long
import mutate

REQUESTS, MUTATIONS, TESTS = 1_000, 500, 20
SHARE_ANSWERED = 0.75  # of each part; percolate beside alternatives is refused, and drawn often
ELSEWHERE = {"query": {"agentic", "hybrid", "knn", "ltr", "neural", "neural_knn", "neural_sparse", "sltr", "template", "term_stat", "xy_shape"},
             "agg": {"geohex_grid", "multivalue_doc_count"}}  # of plugins that the nodes here do not have
# Not open below nested objects, joins and wrappers; cases/scripts.json puts it everywhere else.
ELSEWHERE["query"].add("script")


@pytest.fixture(scope="module")
def worlds(judge):
    made = exchange.Worlds.of(judge)
    yield made
    made.close()


@pytest.fixture(scope="module")
def features(worlds):
    return worlds.open_features()


@pytest.mark.parametrize("part", range(TESTS))
def test_generated(worlds, features, part):
    count, statuses, _, _, failures = long.differences(range(part, REQUESTS, TESTS), worlds, features)
    assert not failures, "\n".join(failures[:3])
    assert statuses[200] > SHARE_ANSWERED * count, f"the generated requests have become worse: {dict(statuses)}"


@pytest.mark.parametrize("judge", harness.VERSIONS[:1], indirect=True)
def test_forbidden_anywhere_is_refused(judge, worlds, features):
    before = judge.searches_seen()
    _, _, _, _, failures = long.mutations(range(MUTATIONS), worlds, features)
    assert not failures, "\n".join(failures[:3])
    assert judge.searches_seen() == before, "OpenSearch was asked although every request is denied"


def test_a_seed_is_one_request():
    assert [exchange.generator.request(seed) for seed in range(50)] == [exchange.generator.request(seed) for seed in range(50)]
    assert [mutate.mutated(seed) for seed in range(50)] == [mutate.mutated(seed) for seed in range(50)]


@pytest.mark.parametrize("kind, made", [("query", grammar.QUERIES), ("agg", grammar.AGGREGATIONS | grammar.PIPELINES)])
def test_every_answered_type_is_generated(kind, made):
    answered, denied = grammar.ANSWERED[kind], grammar.DENIED[kind]
    assert len(answered) > 20 and len(answered | denied) > 55, "the engine's registry is not read"
    assert answered - made.keys() - ELSEWHERE[kind] == set(), "write a function for it in grammar/"
    assert made.keys() <= answered | denied, "what the grammar makes, and the engine does not know"


def test_every_open_key_of_a_search_is_generated():
    """Keys of a body by their rows in the engine; those with a place of their own in the generator are named here."""
    own = {"query", "aggs", "aggregations", "from", "size", "pit", "search_after", "terminate_after", *grammar.FEATURES}
    sealed_no = {"min_score", "rescore", "include_named_queries_score"}  # denied in the sealed profile
    rows = grammar.open_keys("body.cc", "kKeys") | grammar.open_keys("hits.cc", "kHits")
    assert len(rows) > 12, "the engine's tables are not read"
    assert rows - own - sealed_no - grammar.SECTIONS.keys() == set()


def test_only_ranges_and_wrappers_are_said_in_other_words():
    """The base64 text is {"range":{"a":{"gt":1}}}."""
    ages = {"range": {"a": {"gt": 1}}}
    buckets = {"range": {"field": "a", "ranges": [{"to": 2}]}}
    row = {"lines": [{}, {"query": {"bool": {"must_not": [{"wrapper": {"query": "eyJyYW5nZSI6eyJhIjp7Imd0IjoxfX19"}}, ages, {"term": {"range": "x"}}]}}, "aggs": {"n": buckets}}]}
    said = {"dis_max": {"queries": [ages]}}
    assert exchange.in_plain_words(row) == {"lines": [{}, {"query": {"bool": {"must_not": [said, said, {"term": {"range": "x"}}]}}, "aggs": {"n": buckets}}]}


def test_only_failing_scripts_are_left_out():
    script, other = {"query": {"script": {"script": {"source": "1"}}}}, {"query": {"match_all": {}}}
    failed, bad = {"error": {"root_cause": [{"type": "script_exception"}]}}, {"error": {"root_cause": [{"type": "query_shard_exception"}]}}
    answer = exchange.Answer(200, "application/json", json.dumps({"responses": [failed, failed, bad, {"hits": {}}]}).encode())
    assert exchange.fails_over_scripts({"lines": [{}, script, {}, other, {}, script, {}, script]}, answer) == {0}
