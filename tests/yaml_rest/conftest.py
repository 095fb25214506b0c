"""A node a version for this suite alone: between its cases it deletes all indices."""
import pytest

import rig


@pytest.fixture(scope="module", params=rig.VERSIONS)
def own_rig(request, run_dir):
    with rig.Rig(request.param, run_dir / "yaml-rest") as one:
        yield one
