import pytest

import postgres
import replicas


@pytest.fixture(scope="session")
def postgresql(run_dir):
    folder = run_dir / "history"
    folder.mkdir(parents=True, exist_ok=True)
    with postgres.PostgreSQL(folder) as server:
        yield server


@pytest.fixture(scope="session")
def logs(opensearch):
    replicas.load(opensearch)
    return opensearch
