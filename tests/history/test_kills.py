"""kill -9 at random points of changes, a short run of it: none that was answered is lost."""
import pytest

import nodes
from kills import Kills


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_no_answered_change_is_lost(tmp_path, postgresql, logs, store):
    url = postgresql.database() if store == "postgresql" else None
    with nodes.Weir(tmp_path, logs, store=url, flags=["--store-lease", "1s"]) as weir:
        kills = Kills(weir, changes=150, settle=1.1 if url else 0)
        assert kills.run() == []
        assert kills.answered >= 150 and kills.counts["kill"] >= 2
