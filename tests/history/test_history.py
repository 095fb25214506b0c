"""A short history on three replicas with faults, and one that must fail: on a program that does not look again before it answers."""
import os
import pathlib

import nodes
from recorder import History, Plan, SlowFleet


def test_no_read_shows_what_was_changed_before(tmp_path, postgresql, logs):
    fleet = SlowFleet(tmp_path, postgresql, logs, 3)
    try:
        history = History(fleet, Plan())
        wrong = history.run(patience=240)
        print(dict(history.counts), len(history.tracks))
        assert history.errors == []
        assert wrong == []
        assert len(history.reads) >= history.plan.reads and history.changes >= history.plan.changes
    finally:
        fleet.stop()


def test_without_the_second_look_it_is_found_out(tmp_path, postgresql, logs, monkeypatch):
    binary = pathlib.Path(os.environ.get("WEIR_BINARY") or nodes.ROOT / "build" / "dev" / "proxy" / "weir")
    monkeypatch.setenv("WEIR_BINARY", str(binary.with_name("weir_without_recheck")))
    fleet = SlowFleet(tmp_path, postgresql, logs, 3, clocks=False)
    try:
        history = History(fleet, Plan(changes=100, reads=1_500, faults=()))
        wrong = history.run(patience=120)
        assert history.errors == []
        assert len(wrong) > 0
    finally:
        fleet.stop()
