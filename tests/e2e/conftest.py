"""The program in front of the sample of log documents, for tests that only read."""
import pytest

import nodes
import sample
import wire


@pytest.fixture(scope="session")
def sampled_weir(sampled_opensearch, tmp_path_factory):
    with nodes.Weir(tmp_path_factory.mktemp("weir-sampled"), sampled_opensearch, indices=["logs-*"]) as weir:
        yield weir


@pytest.fixture(scope="session")
def logs():
    """The documents of `logs-*` as (index, id, source)."""
    return [row for row in sample.documents() if row[0].startswith(sample.INDEX_PREFIX)]


@pytest.fixture
def start_pair(start_weir):
    """A function that starts an upstream (see wire.Upstream) and the program in front of it, with one thread and with flags: (program, upstream)."""
    upstreams = []

    def start(respond=None, flags=(), **more):
        upstreams.append(wire.Upstream(respond))
        return start_weir(upstreams[-1].url, flags=["--gate-threads", "1", *flags], **more), upstreams[-1]

    yield start
    for upstream in upstreams:
        upstream.close()
