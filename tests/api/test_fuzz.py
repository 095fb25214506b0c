"""Requests that schemathesis makes up from the OpenAPI document: no answer is a 5xx, none is outside the document, nothing that the
document forbids is taken, and nobody gets by without an API token.

This is the short run. `WEIR_API_EXAMPLES=2000 pytest tests/api/test_fuzz.py` is a long one, each with other requests; what it finds names
its seed, and `WEIR_API_SEED` repeats it."""
import os
import pathlib
import random
import re
import subprocess
import sys

CONFIG = pathlib.Path(__file__).with_name("schemathesis.toml")
ACCOUNTS = """
[tokens]
max_per_account = 200
max_filters_per_account = 200
[[account]]
name = "default"
indices = ["logs-*"]
"""
SHORT = 20


def test_made_up_requests(start_weir, upstream, any_store):
    examples = int(os.environ.get("WEIR_API_EXAMPLES", SHORT))
    seed = os.environ.get("WEIR_API_SEED") or ("7" if examples == SHORT else str(random.randrange(2**31)))
    weir = start_weir(upstream, indices=None, config=ACCOUNTS, store=any_store)
    before = weir.admin.request("GET", "/v1/shared-tokens").status_code
    ended = subprocess.run(
        [sys.executable, "-B", "-m", "schemathesis.cli", "--config-file", CONFIG, "run", f"{weir.admin_url}/openapi.json", "--header", f"X-API-TOKEN: {weir.api_token}",
         "--seed", seed, "--max-examples", str(examples), "--warnings", "off", "--output-truncate", "false"],
        cwd=weir.folder, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    assert ended.returncode == 0, f"seed {seed}\n{ended.stdout[-20_000:]}{ended.stderr[-2_000:]}"
    paths = weir.admin.json("GET", "/openapi.json")["paths"]
    operations = sum("operationId" in item for path in paths.values() for item in path.values())
    assert f"{operations} selected / {operations} total" in ended.stdout
    assert int(re.search(r"(\d+) generated, \1 passed", ended.stdout)[1]) > 500
    assert before == weir.admin.request("GET", "/v1/shared-tokens").status_code == 200
    assert '"level":"error"' not in weir.log()
