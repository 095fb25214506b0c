"""The long mode: any number of generated requests, by seed, on a node of its own, by several processes. See `long --help`."""
import argparse
import collections
import contextlib
import multiprocessing
import os
import pathlib
import re
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import corpus
import exchange
import generator
import mutate
import nodes
from shrink import shrink

CHUNK = 50
MOST_SHOWN = 25


class Totals:
    def __init__(self):
        self.requests, self.statuses, self.codes, self.used = 0, collections.Counter(), collections.Counter(), collections.Counter()
        self.failures = 0

    def add(self, chunk):
        requests, statuses, codes, used, failures = chunk
        self.requests += requests
        self.statuses.update(statuses)
        self.codes.update(codes)
        self.used.update(used)
        self.failures += len(failures)

    def line(self, begin):
        seconds = time.monotonic() - begin
        answered = self.statuses[200] / max(1, self.requests)
        return f"{self.requests} requests, {self.failures} failures, {answered:.1%} answered with 200, {self.requests / max(seconds, 0.001):.0f} a second"

    def table(self):
        yield "by status: " + ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        yield "refused by the gate: " + (", ".join(f"{code}: {count}" for code, count in self.codes.most_common()) or "none")
        yield "by construct:"
        for name, count in sorted(self.used.items()):
            yield f"  {count:8} {name}"


def check(row, worlds):
    """(a text that says what is wrong, or None; status; deny code)."""
    wrong, status, code = worlds.difference(row)
    if wrong is None:
        return None, status, code
    again, _, _ = worlds.difference(row)
    if again is None:
        return f"{row['name']}: only the first time: {wrong}\n{exchange.curl(row, worlds)}", status, code
    small = shrink(row, lambda candidate: fails(candidate, worlds) == kind(wrong))
    wrong = worlds.difference(small)[0] or wrong
    return f"{row['name']}: {wrong}\n  request: {generator.as_text(small)}\n{exchange.curl(small, worlds)}", status, code


def kind(wrong):
    """What a failing request may not lose while it is made smaller: its statuses, or which answers differ."""
    return wrong and re.match(r"status \d+ in world v, \d+|worlds v and|the visible|OpenSearch itself (?:answers \d+|has)|\d+ pages|", wrong).group()


def fails(row, worlds):
    try:
        return kind(worlds.difference(row)[0])
    except (KeyError, AssertionError, ValueError):  # not a request any more
        return None


def differences(seeds, worlds, features):
    """What a chunk of seeds gave, as Totals.add takes it."""
    statuses, codes, used, failures = collections.Counter(), collections.Counter(), collections.Counter(), []
    for row in exchange.requests(seeds, features):
        try:
            wrong, status, code = check(row, worlds)
        except Exception:  # whatever it is, the seed has to be named
            wrong, status, code = f"{row['name']}: {traceback.format_exc()}\n  request: {generator.as_text(row)}", 0, None
        statuses[status] += 1
        used.update(row["used"])
        if code:
            codes[code] += 1
        if wrong:
            failures.append(wrong)
    return len(seeds), statuses, codes, used, failures


def mutations(seeds, worlds, features):
    wanted = [mutate.mutated(seed, features) for seed in seeds]
    statuses, codes, used = collections.Counter(), collections.Counter(), collections.Counter()
    failures = []
    for row in wanted:
        wrong, status, code = mutate.check(row, worlds)
        statuses[status] += 1
        codes[code] += 1
        used.update([row["mutation"]])
        if wrong:
            failures.append(f"{row['name']}: {wrong}\n  request: {generator.as_text(row)}\n{exchange.curl(row, worlds)}")
    return len(seeds), statuses, codes, used, failures


def start_worker(settings):
    global WORLDS, FEATURES, WORK
    WORLDS = exchange.Worlds(*settings["worlds"])
    FEATURES, WORK = settings["features"], mutations if settings["mutate"] else differences


def work(seeds):
    return WORK(seeds, WORLDS, FEATURES)


@contextlib.contextmanager
def running(version, url, folder):
    """A node with the worlds on it (`url`: one that runs already), and its gates."""
    with contextlib.ExitStack() as stack:
        if url:
            node = nodes.Http(url)
        else:
            node = stack.enter_context(nodes.OpenSearch(version, folder))
        if node.request("HEAD", "/v-logs-1").status_code == 404:
            corpus.build(node)
        holders = {}
        for world in corpus.WORLDS:
            gate = stack.enter_context(nodes.Weir(folder / f"weir-{world}", node, indices=[f"{world}-logs-*"]))
            holder = gate.as_holder(gate.create_token([("team", corpus.VISIBLE_TEAM)]))
            holders[world] = (holder.url, {"Authorization": holder.session.headers["Authorization"]})
        yield node, (node.url, holders)


def options(words):
    parser = argparse.ArgumentParser(prog="long", description="Sends generated requests through the gate into all worlds and compares the answers. "
                                     "A run is repeated, or gone on with, by its seeds. The exit status is 0 if there is no difference.")
    parser.add_argument("--seeds", default="0..100000", help="A..B: from A up to, but without, B (default: %(default)s)")
    parser.add_argument("--version", default="3.4.0", help="of OpenSearch (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1), help="processes that send (default: %(default)s)")
    parser.add_argument("--mutate", action="store_true", help="put one forbidden construct into each request: it must be refused, and OpenSearch must not be asked")
    parser.add_argument("--node", metavar="URL", help="a node that runs already, for nothing else meanwhile; the worlds are made if they are not there")
    parser.add_argument("--quiet", action="store_true", help="no table of constructs")
    parsed = parser.parse_args(words)
    first, _, last = parsed.seeds.partition("..")
    if not (first.isdigit() and last.isdigit() and int(first) < int(last)):
        parser.error(f"`{parsed.seeds}` is not a range of seeds; use one such as 0..1000")
    parsed.seeds = range(int(first), int(last))
    return parsed


def main(words):
    wanted = options(words)
    with tempfile.TemporaryDirectory(prefix="weir-long.") as folder:
        os.chmod(folder, 0o755)  # as root, the node runs as another user and has to get in
        with running(wanted.version, wanted.node, pathlib.Path(folder)) as (node, worlds):
            return run(wanted, node, worlds)


def run(wanted, node, worlds):
    probe = exchange.Worlds(*worlds)
    features = probe.open_features()
    print(f"seeds {wanted.seeds.start}..{wanted.seeds.stop} on {wanted.version}; constructs answered: {', '.join(sorted(features)) or 'none'}", flush=True)
    chunks = [wanted.seeds[begin:begin + CHUNK] for begin in range(0, len(wanted.seeds), CHUNK)]
    totals, begin, said, shown = Totals(), time.monotonic(), time.monotonic(), 0
    before = mutate.searches_seen(node)
    settings = {"worlds": worlds, "features": features, "mutate": wanted.mutate}
    with multiprocessing.get_context("spawn").Pool(wanted.jobs, start_worker, (settings,)) as pool:
        for chunk in pool.imap_unordered(work, chunks):
            totals.add(chunk)
            for failure in chunk[-1][:max(0, MOST_SHOWN - shown)]:
                shown += 1
                print(failure, flush=True)
            if time.monotonic() - said > 20:
                said = time.monotonic()
                print(totals.line(begin), flush=True)
    if wanted.mutate and mutate.searches_seen(node) != before:
        totals.failures += 1
        print(f"OpenSearch was asked although every request is refused: {before} before, {mutate.searches_seen(node)} after")
    if not wanted.quiet:
        print("\n".join(totals.table()))
    print(totals.line(begin))
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
