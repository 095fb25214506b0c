"""Every case of cases/*.json, on both versions of OpenSearch; what is denied never gets there, so one is enough."""
import pytest

import harness

CASES = harness.load_cases()
RUNS = [(version, name) for version in harness.VERSIONS for name, case in CASES.items()
        if version == harness.VERSIONS[0] or not case.is_denied]


@pytest.mark.parametrize("judge, name", RUNS, indirect=["judge"])
def test_case(judge, name):
    judge.check(CASES[name])
