"""Instructions of one decision, counted by callgrind: the same on every machine but for the vector instructions it has, and whatever else runs.
The limits are half as much again as was measured with this build."""
import os
import re
import subprocess

import pytest

import nodes

MOST = {"search_small": 27_000, "search_dashboards": 115_000, "msearch_20": 1_550_000, "terms_256k": 5_000_000, "bool_256k": 5_500_000}


def collected(name, times):
    program = nodes.ROOT / "build" / os.environ.get("WEIR_BENCH_PRESET", "dev") / "bench" / "bench_decide_count"
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, name, str(times)], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


@pytest.mark.parametrize("name", MOST)
def test_instructions_of_a_decision(name):
    instructions = (collected(name, 12) - collected(name, 2)) / 10
    assert 1_000 < instructions <= MOST[name]
