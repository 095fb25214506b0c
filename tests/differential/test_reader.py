"""Whatever the engine accepts as JSON, OpenSearch's own parser reads as the same: keys, strings, numbers as they are written."""
import pytest

import reader

COUNT = 12_000
SEED = 20260101


@pytest.mark.parametrize("version", ["3.4.0", "2.19.4"])
def test_what_the_engine_accepts_opensearch_reads_alike(version, tmp_path):
    counts, codes, otherwise = reader.compare(version, COUNT, SEED, tmp_path)
    print(reader.report(version, counts, codes))
    assert otherwise == []
    # The comparison is about something: texts of each kind came.
    assert counts["both"] > COUNT / 20 and counts["neither"] > COUNT / 20 and counts["engine refuses"] > 20
    assert {"body.encoding", "body.malformed", "body.too_deep"} <= codes.keys(), codes
