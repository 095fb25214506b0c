"""What the front suite shares: the program in front of a stand-in for OpenSearch Dashboards. Only the bytes of Dashboards are stood in
for; documents come from a real OpenSearch."""
import subprocess
import types

import pytest

import nodes
import wire
from dashboards import Dashboards


class Browser(nodes.Http):
    """A browser's requests, with cookies, without following redirects by itself."""

    def request(self, method, path, body=None, **more):
        return super().request(method, path, body, allow_redirects=more.pop("allow_redirects", False), **more)

    def open(self, secret, path="/app/dashboards"):
        joint = "&" if "?" in path else "?"
        return self.request("GET", f"{path}{joint}shareToken={secret}", headers=NAVIGATION)


NAVIGATION = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def dashboards():
    server = Dashboards()
    yield server
    server.close()


@pytest.fixture(scope="module")
def scripted_upstream():
    with wire.Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def weir(tmp_path_factory, scripted_upstream, dashboards):
    """The program with a front before the stand-in Dashboards."""
    with nodes.Weir(tmp_path_factory.mktemp("front") / "weir", scripted_upstream.url, front=True,
                    flags=["--front-dashboards", dashboards.url, "--front-body-bytes", "64KiB"]) as weir:
        yield weir


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed one for 127.0.0.1: `cert` and `key` are files."""
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = folder / "front.pem", folder / "front.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return types.SimpleNamespace(cert=cert, key=key)


@pytest.fixture
def token(weir):
    return weir.create_token([("team", "payments")])


@pytest.fixture
def new_browser(weir):
    return lambda: Browser(weir.front_url)


@pytest.fixture
def visitor(new_browser, token):
    """A browser that has opened a link."""
    browser = new_browser()
    assert browser.open(token["token"]).status_code == 302
    return browser
