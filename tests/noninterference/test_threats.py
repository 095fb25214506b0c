"""Every class of attack has a case that names it in `threat`: A ways round the filter, B statistics of the whole index, C the dictionary of terms,
D counters, pruning, schema and errors, E two readers of one text, F what a filter means, G handles, H requests that end a node, J what random requests found.
New ones are added at the end of their letter."""
import pytest

import harness

ROWS = ([f"A{row}" for row in range(1, 28)] + [f"B{row}" for row in range(1, 14)] + ["B6b"] + [f"C{row}" for row in range(1, 7)]
        + [f"D{row}" for row in range(1, 15)] + [f"E{row}" for row in range(1, 15)] + [f"G{row}" for row in range(1, 6)]
        + [f"H{row}" for row in range(1, 4)] + [f"J{row}" for row in range(1, 14)] + ["F7", "F9", "F12"])
TRIED = {case.threat for case in harness.load_cases().values()} | {"G4"}  # test_cursors.py


@pytest.mark.parametrize("row", ROWS)
def test_row_is_tried(row):
    assert row in TRIED
