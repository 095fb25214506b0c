"""Every case of cases/*.json on both versions of OpenSearch."""
import pytest

import harness

CASES = harness.load_cases()


@pytest.mark.parametrize("name", CASES)
def test_case(judge, name):
    judge.check(CASES[name])
