"""The worlds on both versions of OpenSearch, and a gate for each: the scope and the token are what tells the worlds apart."""
import pytest

import corpus
import harness
import nodes


@pytest.fixture(scope="module", params=harness.VERSIONS)
def judge(request, tmp_path_factory):
    node = request.getfixturevalue("opensearch" if request.param == harness.VERSIONS[0] else "opensearch_2")
    if node.request("HEAD", "/v-logs-1").status_code == 404:
        corpus.build(node)
    gates = {world: nodes.Weir(tmp_path_factory.mktemp(f"weir-{world}"), node, indices=[f"{world}-logs-*"]) for world in corpus.WORLDS}
    try:
        for gate in gates.values():
            gate.start()
        yield harness.Judge(node, gates)
    finally:
        for gate in gates.values():
            gate.stop()
