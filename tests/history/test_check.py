"""The checker itself: it accepts what may be, and finds what must not be."""
import check
from check import NOTHING, Read, Track, Write

A, B = frozenset({"a"}), frozenset({"b"})


def wrong(writes, *reads):
    track = Track()
    track.writes = writes
    return [read.what for read, _ in check.violations([track], [Read(0, *read) for read in reads])]


def test_a_read_after_an_answered_change_shows_the_new_state():
    writes = [Write(0, 1, True, A), Write(5, 6, True, B)]
    assert wrong(writes, (7, 7, 8, A, True, "old"), (7, 7, 8, B, True, "new")) == ["old"]
    assert wrong(writes, (3, 3, 4, B, True, "too early"), (3, 3, 4, A, True, "as it was")) == ["too early"]
    assert wrong(writes, (4, 5.5, 8, A, True, "1"), (4, 5.5, 8, B, True, "2")) == []


def test_an_answer_that_had_not_begun_counts_from_there():
    writes = [Write(0, 1, True, A), Write(5, 6, True, B)]
    assert wrong(writes, (4, 7, 8, A, True, "begun later"), (4, 6.01, 8, A, True, "in transit")) == ["begun later"]


def test_an_outcome_that_nobody_knows_allows_both_until_the_next_that_is_sure():
    writes = [Write(0, 1, True, A), Write(5, float("inf"), False, B), Write(9, 10, True, NOTHING)]
    assert wrong(writes, (7, 7, 8, A, True, ""), (7, 7, 8, B, True, "")) == []
    assert wrong(writes, (11, 11, 12, A, True, "a"), (11, 11, 12, B, True, "b"), (11, 11, 12, NOTHING, True, "c")) == ["a", "b"]


def test_pages_show_parts_and_only_of_one_state():
    writes = [Write(0, 1, True, A | B), Write(5, 6, True, A)]
    assert wrong(writes, (2, 2, 3, A, False, ""), (2, 2, 3, frozenset(), False, ""), (2, 2, 3, A, True, "whole")) == ["whole"]
    assert wrong(writes, (7, 7, 8, B, False, "page"), (7, 7, 8, "gone", False, "")) == ["page"]


def test_a_secret_that_opens_nothing_shows_nothing_and_one_that_opens_shows():
    writes = [Write(0, 1, True, A), Write(5, 6, True, NOTHING)]
    assert wrong(writes, (7, 7, 8, A, True, "shown"), (2, 2, 3, NOTHING, True, "lost"), (7, 7, 8, NOTHING, True, "")) == ["shown", "lost"]
