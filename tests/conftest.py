"""What the Python suites share: real OpenSearch nodes, started once a run when first asked for, and the program in front."""
import os
import pathlib
import sys
import tempfile

import pytest

import nodes
import sample

sys.dont_write_bytecode = True


@pytest.fixture(scope="session")
def run_dir():
    """The folder of this run's nodes. `tests/run` says which, so that it can look after them whatever happens to pytest."""
    if os.environ.get("WEIR_RUN_DIR"):
        yield pathlib.Path(os.environ["WEIR_RUN_DIR"])
        return
    with tempfile.TemporaryDirectory(prefix="weir-nodes.") as folder:
        os.chmod(folder, 0o755)  # as root, the nodes run as another user and have to get in
        yield pathlib.Path(folder)


@pytest.fixture(scope="session")
def opensearch(run_dir):
    """OpenSearch 3.4.0. It is shared: a test makes indices of names of its own and leaves everybody else's alone."""
    with nodes.OpenSearch("3.4.0", run_dir) as node:
        yield node


@pytest.fixture(scope="session")
def opensearch_2(run_dir):
    """OpenSearch 2.19.4, likewise."""
    with nodes.OpenSearch("2.19.4", run_dir) as node:
        yield node


@pytest.fixture(scope="session", params=["3.4.0", "2.19.4"])
def each_opensearch(request):
    """Runs the test once on each of the two."""
    return request.getfixturevalue("opensearch" if request.param == "3.4.0" else "opensearch_2")


@pytest.fixture(scope="session")
def sampled_opensearch(opensearch):
    """The 3.4.0 node with the sample of log documents in `logs-*` and `secrets-2026`: for reading only."""
    sample.load(opensearch.url)
    return opensearch


@pytest.fixture
def start_weir(tmp_path):
    """A function that starts the program: see nodes.Weir for its parameters. What it started ends with the test."""
    started = []

    def start(*args, **kwargs):
        weir = nodes.Weir(tmp_path / f"weir-{len(started)}", *args, **kwargs)
        started.append(weir)
        return weir.start()

    yield start
    for weir in reversed(started):
        weir.stop()
