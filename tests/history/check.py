"""What a history has to look like. A track is what one secret opens, over time: writes, one after the other, each with the time before
it was sent and the time after it was answered; and reads, each with a time at which its answer had not begun and one at which it was there.
All times are of one monotonic clock.

A read must show a state that was possible between its two times: the one of the last write that was answered before, or of one
that was under way. A write whose outcome was not told (`sure` is false) may have been carried out or not, until the next one that is sure."""
import bisect
import dataclasses

NOTHING = None  # the secret opens nothing: deleted, expired, disabled, rotated away
# Between the answer's first byte in the kernel and the reader's socket showing it, on a loaded machine.
TRANSIT = 0.02


@dataclasses.dataclass
class Write:
    begin: float
    end: float
    sure: bool
    state: object  # a frozenset of what is visible, or NOTHING
    what: str = ""


@dataclasses.dataclass
class Read:
    track: int
    begin: float
    quiet: float  # the last time at which nothing of the answer was there
    end: float
    saw: object  # a frozenset of what was shown, NOTHING, or the text "gone" of a cursor that is not valid any more
    whole: bool  # all that is visible, or a page of it
    what: str = ""


class Track:
    def __init__(self):
        self.writes = []

    def possible(self, since, until):
        """The states that an answer may show that begins after `since` and is there at `until`."""
        sure = [write for write in self.writes if write.sure and write.end < since]
        base = max(sure, key=lambda write: write.begin, default=None)
        states = [] if base is None else [base.state]
        at = bisect.bisect_right(self.writes, base.begin, key=lambda write: write.begin) if base else 0
        return states + [write.state for write in self.writes[at:] if write.begin <= until]


def fits(read, state):
    if read.saw is NOTHING or state is NOTHING:
        return read.saw is state
    return read.saw == state if read.whole else read.saw <= state


def violations(tracks, reads):
    """The reads that show what was not there to be seen."""
    wrong = []
    for read in reads:
        if read.saw == "gone":
            continue
        since = max(read.begin, read.quiet - TRANSIT)
        states = tracks[read.track].possible(since, read.end)
        if not any(fits(read, state) for state in states):
            wrong.append((read, states))
    return wrong
