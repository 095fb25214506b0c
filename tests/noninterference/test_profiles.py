"""What SECURITY.md says of the two profiles and of scripts, shown: `relevance` tells of hidden documents by scores and by nothing else, its scores are
OpenSearch's own, and a reload changes both."""
import signal
import time

import pytest

import corpus
import harness
import nodes

MATCH = {"query": {"match": {"message": "quick fox"}}, "size": 100, "_source": ["trace"]}
SORTED = MATCH | {"sort": [{"trace": "asc"}], "track_total_hits": True}


def search(holder, world, body, index="1"):
    response = holder.request("POST", f"/{world}-logs-{index}/_search", body)
    assert response.status_code == 200, response.text
    return response.json()["hits"]


def scores(hits):
    return {hit["_id"]: hit["_score"] for hit in hits["hits"]}


@pytest.fixture(scope="module")
def scored(judge, tmp_path_factory):
    """Holders as the judge has them, with the profile `relevance`."""
    gates = {world: nodes.Weir(tmp_path_factory.mktemp(f"scored-{world}"), judge.node, indices=[f"{world}-logs-*"], flags=["--profile", "relevance"])
             for world in corpus.WORLDS}
    try:
        yield {world: gate.start().as_holder(gate.create_token([("team", corpus.VISIBLE_TEAM)])) for world, gate in gates.items()}
    finally:
        for gate in gates.values():
            gate.stop()


def test_sealed_scores_are_level(judge):
    for world in corpus.WORLDS:
        assert set(scores(search(judge.holders[world], world, MATCH)).values()) == {1.0}


@pytest.mark.parametrize("body", [MATCH, MATCH | {"min_score": 1.0}, SORTED | {"track_scores": True}, {"query": {"match_all": {}}, "size": 100, "sort": ["trace"]},
                                  MATCH | {"rescore": {"window_size": 50, "query": {"rescore_query": {"match": {"message": "dog"}}}}},
                                  MATCH | {"query": {"match": {"message": {"query": "fox", "_name": "n"}}}, "include_named_queries_score": True}])
def test_relevance_scores_are_opensearchs_own(judge, scored, body):
    for index in corpus.INDICES:
        honest, answer = search(judge.node, "v", body, index), search(scored["v"], "v", body, index)
        assert harness.normalise(answer) == harness.normalise(honest)


def test_relevance_scores_tell_of_hidden_documents(scored):
    by_world = [scores(search(scored[world], world, MATCH)) for world in corpus.WORLDS]
    assert by_world[0].keys() == by_world[1].keys() == by_world[2].keys() != set()
    assert by_world[0] != by_world[1] != by_world[2]


def test_min_score_tells_of_hidden_documents(scored):
    one, other = (scores(search(scored[world], world, MATCH)) for world in "va")
    document = max(one, key=lambda key: abs(one[key] - other[key]))
    between = (one[document] + other[document]) / 2
    found = [document in scores(search(scored[world], world, MATCH | {"min_score": between})) for world in "va"]
    assert sorted(found) == [False, True]


def test_relevance_tells_nothing_else(scored):
    answers = [harness.normalise(search(scored[world], world, SORTED)) for world in corpus.WORLDS]
    for answer in answers:
        for hit in answer["hits"]:
            del hit["_index"]
    assert answers[0] == answers[1] == answers[2]


def test_a_reload_changes_profile_and_scripts(judge, tmp_path):
    weir = nodes.Weir(tmp_path, judge.node, indices=None, config='indices = ["v-logs-*"]\n').start()
    try:
        holder = weir.as_holder(weir.create_token([("team", corpus.VISIBLE_TEAM)]))
        script = MATCH | {"script_fields": {"x": {"script": "1 + 1"}}}
        assert set(scores(search(holder, "v", script)).values()) == {1.0}
        (weir.folder / "weir.toml").write_text('[[account]]\nname = "default"\nindices = ["v-logs-*"]\nprofile = "relevance"\nscripts = "off"\n')
        weir.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and '"reloaded"' not in weir.log():
            time.sleep(0.05)
        assert len(set(scores(search(holder, "v", MATCH)).values())) > 1
        refused = holder.request("POST", "/v-logs-1/_search", script)
        assert (refused.status_code, harness.error_code(refused.json())) == (403, "script.denied")
    finally:
        weir.stop()
