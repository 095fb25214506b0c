"""A node of its own and gates in front of it, for runs of the suite."""
import pathlib

import nodes
import runner
import suite

VERSIONS = ("3.4.0", "2.19.4")
PROFILES = ("sealed", "relevance")


def config(profile):
    """The account `default`: every index, so that the gate answers what the node would; fields that no document has yet; and cursors as long as OpenSearch itself allows."""
    return f'[upstream]\nmappings_interval = "100ms"\n[limits]\nkeep_alive = "24h"\n[[account]]\nname = "default"\nindices = ["*"]\nprofile = "{profile}"\nfields = "mapping"\n'


class Rig:
    """A node of `version` with nothing in it, and the suite that belongs to it."""

    def __init__(self, version, folder):
        self.folder = pathlib.Path(folder)
        self.tests = suite.Suite(version)
        self.node = nodes.OpenSearch(version, folder)

    def __enter__(self):
        self.node.__enter__()
        return self

    def __exit__(self, *error):
        self.node.__exit__(*error)

    def cases(self, parts=()):
        """Those that read anything and, if parts are given, have one in their name."""
        return [case for case in self.tests.cases
                if any(api in runner.READS for api, _ in case.calls()) and (not parts or any(part in case.id for part in parts))]

    def run(self, profile, cases, *, unfiltered=False):
        """Runs the cases with a gate of that profile and yields their outcomes."""
        folder = self.folder / f"weir-{self.node.version}-{profile}"
        with nodes.Weir(folder, self.node, indices=None, config=config(profile)) as gate:
            run = runner.Runner(self.node, gate, profile, self.tests, unfiltered=unfiltered)
            for case in cases:
                yield run.run(case)
