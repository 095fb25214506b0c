"""The files in proxy/deploy/dashboards are what they say: the program takes its configuration, and Dashboards' has no trap in it."""
import os
import re
import subprocess

import nodes

FOLDER = nodes.ROOT / "proxy" / "deploy" / "dashboards"


def test_the_program_takes_its_configuration(certificate, tmp_path):
    text = (FOLDER / "weir.toml").read_text()
    text = text.replace("/etc/weir/front.pem", str(certificate.cert)).replace("/etc/weir/front.key", str(certificate.key))
    (tmp_path / "weir.toml").write_text(text)
    binary = os.environ.get("WEIR_BINARY") or nodes.ROOT / "build" / "dev" / "proxy" / "weir"
    checked = subprocess.run([binary, "check", "--config", tmp_path / "weir.toml"], capture_output=True, text=True,
                             env={name: value for name, value in os.environ.items() if not name.startswith("WEIR_")})
    assert checked.returncode == 0, checked.stderr


def test_dashboards_passes_one_header_on():
    lines = [line for line in (FOLDER / "opensearch_dashboards.yml").read_text().splitlines() if line and not line.startswith("#")]
    settings = dict(line.split(": ", 1) for line in lines)
    assert settings["opensearch.requestHeadersAllowlist"] == '["x-shared-token"]'
    assert not any(name.startswith("opensearch.customHeaders") for name in settings)
    assert not any("basePath" in name for name in settings)


def test_only_the_front_is_published():
    text = (FOLDER / "compose.yaml").read_text()
    assert re.findall(r"^ +ports: (.*)$", text, re.M) == ['["443:9602"]']
    assert re.search(r"^  dashboards:\n    internal: true$", text, re.M)
