"""What the fleet suite shares: a PostgreSQL server, and fleets over databases of their own in it."""
import pytest

import postgres
import replicas


@pytest.fixture(scope="session")
def postgresql(run_dir):
    run_dir.mkdir(parents=True, exist_ok=True)
    with postgres.PostgreSQL(run_dir) as server:
        yield server


@pytest.fixture(scope="session")
def logs(opensearch):
    replicas.load(opensearch)
    return opensearch


@pytest.fixture
def start_fleet(tmp_path, postgresql, logs):
    """A function: starts so many replicas on a new database."""
    fleets = []

    def start(count=2, **more):
        fleets.append(replicas.Fleet(tmp_path / f"fleet-{len(fleets)}", postgresql, logs, count, **more))
        return fleets[-1]

    yield start
    for one in fleets:
        one.stop()
