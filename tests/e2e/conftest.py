"""The program in front of the sample of log documents, for tests that only read."""
import pytest

import nodes
import sample


@pytest.fixture(scope="session")
def sampled_weir(sampled_opensearch, tmp_path_factory):
    with nodes.Weir(tmp_path_factory.mktemp("weir-sampled"), sampled_opensearch, indices=["logs-*"]) as weir:
        yield weir


@pytest.fixture(scope="session")
def logs():
    """The documents of `logs-*` as (index, id, source)."""
    return [row for row in sample.documents() if row[0].startswith(sample.INDEX_PREFIX)]
