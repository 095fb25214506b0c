"""Runs the suite and writes the table of its results: `tests/yaml_rest/run`.

    run                                   all cases on both versions in both profiles; writes RESULTS.md
    run --version 3.4.0 --profile sealed PART...
                                          only the cases whose name holds one of the parts; prints every case that was not answered equal
"""
import argparse
import os
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import rig  # noqa: E402
import table  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="runs OpenSearch's own REST tests through the gate")
    parser.add_argument("--version", choices=rig.VERSIONS, action="append")
    parser.add_argument("--profile", choices=rig.PROFILES, action="append")
    parser.add_argument("--unfiltered", action="store_true", help="with a token without filters instead of one that every document satisfies")
    parser.add_argument("--quiet", action="store_true", help="only what differs, and the sums")
    parser.add_argument("part", nargs="*")
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory(prefix="weir-yaml.") as folder:
        os.chmod(folder, 0o755)  # as root, the node runs as another user and has to get in
        for version in options.version or rig.VERSIONS:
            with rig.Rig(version, pathlib.Path(folder)) as one:
                for profile in options.profile or rig.PROFILES:
                    begin = time.monotonic()
                    results[version, profile] = outcomes = []
                    for outcome in one.run(profile, one.cases(options.part), unfiltered=options.unfiltered):
                        outcomes.append(outcome)
                        if outcome.kind in ("differing", "broken") or (outcome.kind == "denied" and not options.quiet):
                            print(outcome.kind, outcome.case.id, outcome.detail, flush=True)
                    print(f"{version} {profile}: {table.summary(outcomes)}, {time.monotonic() - begin:.0f} s", flush=True)
    if not (options.version or options.profile or options.part or options.unfiltered):
        (HERE / "RESULTS.md").write_text(table.document(results))
    return 1 if any(outcome.kind in ("differing", "broken") for outcomes in results.values() for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
