"""The benchmark's short form: every workload of bench/e2e goes through the program, the upstream gets the filtered request, every answer is whole; and
the system calls of a request stay within bounds. No time is looked at."""
import os
import sys

import pytest

import nodes

os.environ.setdefault("WEIR_BENCH_PRESET", "dev")
sys.path += [str(nodes.ROOT / "bench" / "e2e"), str(nodes.ROOT / "bench" / "competitors")]
import measure  # noqa: E402
import weir  # noqa: E402
import what_was_sent  # noqa: E402
import workloads as bodies  # noqa: E402

LOADS = {load.name: load for load in bodies.workloads()}
# Far above what is measured (bench/README.md), because how often a body of 262 kB is read depends on how it arrives.
MOST_SYSTEM_CALLS = {"search_16k": 20, "terms_262k": 60}


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    ground = measure.Ground(tmp_path_factory.mktemp("cost"))
    yield ground
    ground.stop()


@pytest.fixture(scope="module")
def running(ground):
    binary = os.environ.get("WEIR_BINARY") or nodes.ROOT / "build" / "dev" / "proxy" / "weir"
    running = weir.Weir(binary=binary, tokens=200, filters=3).start(ground.upstream_port, ground.folder / "weir", ground.proxy_cores)
    yield running
    running.stop()


@pytest.mark.parametrize("name", LOADS)
def test_each_workload_is_filtered_and_answered(ground, running, name):
    assert what_was_sent.problem_of(ground, running, LOADS[name]) is None
    result = ground.load(running, LOADS[name], requests=12 if name == "mixed_2m" else 200)
    assert result["errors"] == 0
    assert result["body_bytes"] == len(bodies.answers()[LOADS[name].answer])


def test_a_wrong_body_is_found_out(ground, running):
    load = LOADS["search_1k"]
    assert what_was_sent.problem_of(ground, running, load) is None
    _, body = what_was_sent.last_request(ground)
    assert what_was_sent.body_problem(load, load.body, exact=False) is not None
    assert what_was_sent.body_problem(load, body.replace(b"payments", b"others"), exact=False) is not None
    assert what_was_sent.body_problem(load, body.replace(b"checkout", b"checkouts"), exact=False) is not None


def test_requests_become_due_at_fixed_times(ground, running):
    result = ground.load(running, LOADS["search_16k"], rate=500, requests=250, connections=8)
    assert result["errors"] == 0 and result["requests"] == 250
    assert result["seconds"] > 0.45  # 250 at 500 a second


@pytest.mark.parametrize("name", MOST_SYSTEM_CALLS)
def test_system_calls_of_a_request(ground, running, name):
    calls = measure.system_calls(ground, running, LOADS[name], requests=100)
    assert sum(calls.values()) <= MOST_SYSTEM_CALLS[name], calls
    assert sum(calls.values()) >= 4, f"they were not counted: {calls}"
