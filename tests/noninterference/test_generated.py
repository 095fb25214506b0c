"""Random allowed requests, compared like the cases. A failure names its seed and gives the lines that repeat it."""
import pytest

import generator
import harness

REQUESTS, TESTS = 300, 20


@pytest.mark.parametrize("part", range(TESTS))
def test_generated(judge, part):
    for seed in range(part, REQUESTS, TESTS):
        judge.check(harness.Case(generator.request(seed)))
