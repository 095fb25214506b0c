"""Every case of cases/*.json. What is denied never gets to OpenSearch, so that one version of it is enough there."""
import pytest

import harness

CASES = harness.load_cases()


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.is_denied])
def test_answered(judge, name):
    judge.check(CASES[name])


@pytest.mark.parametrize("judge", harness.VERSIONS[:1], indirect=True)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.is_denied])
def test_denied(judge, name):
    judge.check(CASES[name])
