"""A part of OpenSearch's own REST tests, the same one every time; all of them run with `tests/yaml_rest/run`."""
import random

import pytest

import rig

CASES = 60
SEED = 20261122


@pytest.mark.parametrize("profile", rig.PROFILES)
def test_no_answer_differs(own_rig, profile):
    cases = random.Random(SEED).sample(own_rig.cases(), CASES)
    outcomes = list(own_rig.run(profile, cases))
    wrong = [f"{outcome.kind} {outcome.case.id}: {outcome.detail}" for outcome in outcomes if outcome.kind in ("differing", "broken")]
    assert not wrong, "\n".join(wrong)
    answered, denied = (sum(outcome.kind == kind for outcome in outcomes) for kind in ("passed", "denied"))
    assert answered >= CASES // 2 and answered >= 2 * denied, f"{answered} answered and {denied} denied"
