"""The published table of a run: what was answered equal, denied by code, and differing, by directory of the suite."""
import collections

import runner

KINDS = ("passed", "denied", "known", "differing")
READ_DIRECTORIES = ("count", "exists", "explain", "field_caps", "get", "get_source", "mget", "mlt", "msearch", "pit", "range", "scroll", "search",
                    "search.aggregation", "search.highlight", "search.inner_hits", "search_pipeline", "suggest")
HEAD = """\
# OpenSearch's own REST tests through the gate

Written by `tests/yaml_rest/run`; see README.md beside this file for what is compared and how.

- **answered**: every reading call of the case was answered as OpenSearch answers it.
- **denied**: at least one was refused with a code, the others were equal.
- **known**: an answer was another one, for a reason that stands in `KNOWN` of runner.py.
- **differing**: an answer was another one, or an error where OpenSearch gives none. There must be none.
- **read-only search cases**: those that send a reading call themselves, not only in their file's setup. The cases of `indices.stats` are
  the others: they ask for statistics, and their setup searches with `suggest`.

"""


def counts(outcomes):
    return collections.Counter(outcome.kind for outcome in outcomes)


def share(found):
    run = sum(found[kind] for kind in KINDS)
    return f"{100 * found['passed'] / run:.1f} %" if run else "-"


def summary(outcomes):
    found = counts(outcomes)
    return ", ".join(f"{found[kind]} {kind}" for kind in (*KINDS, "broken", "skipped")) + f"; {share(found)} answered"


def code_of(outcome):
    return outcome.detail.split(" ")[0]


def rows(head, body):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "|".join("---" if place == 0 else "---:" for place in range(len(head))) + "|"
    for row in body:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def reads_itself(case):
    """Whether it is a read-only search case: see README.md."""
    return bool(case.own_apis() & runner.READS)


def totals(results):
    for (version, profile), outcomes in results.items():
        found = counts(outcomes)
        reading = counts(outcome for outcome in outcomes if outcome.case.directory in READ_DIRECTORIES)
        own = counts(outcome for outcome in outcomes if reads_itself(outcome.case))
        yield (f"{version}, {profile}", *(found[kind] for kind in KINDS), share(own), share(reading), share(found))


def by_directory(outcomes):
    groups = collections.defaultdict(list)
    for outcome in outcomes:
        if outcome.kind in KINDS:
            groups[outcome.case.directory].append(outcome)
    for directory, group in sorted(groups.items()):
        found = counts(group)
        codes = collections.Counter(code_of(outcome) for outcome in group if outcome.kind == "denied")
        yield (f"`{directory}`", *(found[kind] for kind in KINDS), ", ".join(f"`{code}` {number}" for code, number in codes.most_common()))


def denials(outcomes):
    found = collections.Counter(outcome.detail.split("\n")[0] for outcome in outcomes if outcome.kind == "denied")
    return [(f"`{detail}`", number) for detail, number in found.most_common()]


def document(results):
    """The text of RESULTS.md. `results`: (version, profile) -> outcomes."""
    lines = [*rows(("", "answered", "denied", "known", "differing", "answered of the read-only search cases", "of the cases in the directories of reading APIs", "of all"), totals(results)), ""]
    for (version, profile), outcomes in results.items():
        lines += [f"## {version}, {profile}", ""]
        lines += [*rows(("directory", "answered", "denied", "known", "differing", "codes"), by_directory(outcomes)), ""]
        lines += ["What was denied first in each case:", ""]
        lines += [*rows(("code and place", "cases"), denials(outcomes)), ""]
    return HEAD + "\n".join(lines)
