"""The programs under test as Python objects: a real OpenSearch node, and `weir` from the build in front of it.

Both are context managers, listen on loopback ports of their own, keep their files in a folder of their own, and end with the
Python process even if that is killed."""
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import time

import requests

from ports import free_port

SUPPORT = pathlib.Path(__file__).resolve().parent
ROOT = SUPPORT.parent.parent
API_TOKEN = "6c1f3f0e-0000-4000-8000-testtokenapi"
READY_SECONDS = 30
STOP_SECONDS = 30


def until(condition, seconds=10):
    """Waits for what has to come true by itself."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Http:
    """Requests to one base URL. Loopback is never behind a proxy, whatever the environment says."""

    def __init__(self, url, headers=None):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update(headers or {})

    def request(self, method, path, body=None, *, ndjson=None, data=None, headers=None, timeout=60, **more):
        """`body` is sent as JSON, `ndjson` (a list) as lines of JSON, `data` as it is. Returns the response, of any status."""
        headers = dict(headers or {})
        if ndjson is not None:
            data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in ndjson).encode()
            headers.setdefault("Content-Type", "application/x-ndjson")
        elif body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json")
        return self.session.request(method, self.url + path, data=data, headers=headers, timeout=timeout, **more)

    def json(self, method, path, body=None, **more):
        """The decoded answer; raises with the answer's text if the status is not 2xx."""
        response = self.request(method, path, body, **more)
        if not response.ok:
            raise AssertionError(f"{method} {path}: {response.status_code} {response.text[:2_000]}")
        return response.json() if response.content else None


class OpenSearch(Http):
    """One node of a version, e.g. "3.4.0". REQUIRES: `tests/support/setup tests` has run."""

    def __init__(self, version, run_dir):
        self.version, self.port = version, free_port()
        self.data = pathlib.Path(run_dir) / f"opensearch-{version}"
        super().__init__(f"http://127.0.0.1:{self.port}")

    def __enter__(self):
        self.data.mkdir(parents=True)
        subprocess.run([SUPPORT / "opensearch", "start", self.version, "--port", str(self.port), "--data", self.data,
                        "--owner", str(os.getpid())], check=True, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.session.close()  # the node would wait for our idle connections
        subprocess.run([SUPPORT / "opensearch", "stop", "--data", self.data], check=True)

    def index(self, name, documents, mappings=None, settings=None):
        """Makes the index anew with `documents` (id -> source) and refreshes it."""
        self.request("DELETE", f"/{name}?ignore_unavailable=true")
        settings = {"number_of_replicas": 0, **(settings or {})}
        self.json("PUT", f"/{name}", {"settings": settings, "mappings": mappings or {}})
        lines = [line for key, source in documents.items() for line in ({"index": {"_id": key}}, source)]
        if lines:
            answer = self.json("POST", f"/{name}/_bulk?refresh=true", ndjson=lines)
            assert not answer["errors"], [item for item in answer["items"] if "error" in item["index"]][:1]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Weir:
    """The program `weir serve`, from WEIR_BINARY or the dev build.

    upstream   an OpenSearch, a URL, or None if `config` says it
    indices    the scope of the account `default`, or None if `config` says it
    flags      more command-line words
    env        more environment variables
    config     the text of weir.toml, or a function of this object that gives it (self.gate_port, self.admin_port, self.folder)
    api_token  the first API token, or None to let the program make one
    ready      whether start() waits for /readyz
    store      the URL of the token store; by default a file in the data folder
    front      whether browsers come in, at front_url
    """

    def __init__(self, folder, upstream=None, *, indices=("logs-*",), flags=(), env=None, config=None, api_token=API_TOKEN,
                 ready=True, store=None, front=False):
        self.folder = pathlib.Path(folder)
        self.gate_port, self.admin_port = free_port(), free_port()
        self.gate_url = f"http://127.0.0.1:{self.gate_port}"
        self.admin_url = f"http://127.0.0.1:{self.admin_port}"
        self.front_port = free_port() if front else None
        self.front_url = f"http://127.0.0.1:{self.front_port}"
        self.api_token, self.ready, self.process = api_token, ready, None
        self.gate, self.admin = Http(self.gate_url), Http(self.admin_url, {"X-API-TOKEN": api_token} if api_token else None)
        self.store = store or f"sqlite:{self.folder / 'data' / 'weir.db'}"
        self.log_file = self.folder / "weir.log"
        self.config, self.flags, self.env = config, list(flags), dict(env or {})
        self.upstream = getattr(upstream, "url", upstream)
        self.indices = indices

    def command(self):
        binary = os.environ.get("WEIR_BINARY") or ROOT / "build" / "dev" / "proxy" / "weir"
        words = [binary, "serve", "--gate", f"127.0.0.1:{self.gate_port}", "--admin", f"127.0.0.1:{self.admin_port}",
                 "--data", self.folder / "data"]
        if self.config is not None:
            path = self.folder / "weir.toml"
            path.write_text(self.config(self) if callable(self.config) else self.config)
            words += ["--config", path]
        if self.front_port:
            words += ["--front", f"127.0.0.1:{self.front_port}"]
        if self.upstream is not None:
            words += ["--upstream", self.upstream]
        for pattern in self.indices or ():
            words += ["--indices", pattern]
        return [str(word) for word in words + self.flags]

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        env = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
        if self.api_token:
            env["WEIR_API_TOKEN"] = self.api_token
        env["WEIR_STORE_URL"] = self.store  # may hold a password, which a command line shows to everybody
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                            env=env | self.env, preexec_fn=die_with_parent)
        if self.ready:
            self.wait_until_ready()
        return self

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"weir ended with {self.process.returncode} instead of serving:\n{self.log()[-4_000:]}")
            try:
                if self.admin.request("GET", "/readyz", timeout=5).status_code == 200:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"weir was not ready after {READY_SECONDS} s:\n{self.log()[-4_000:]}")

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def stop(self):
        """Ends the program the friendly way; it must drain and exit with 0 (under a sanitizer: with nothing found)."""
        process, self.process = self.process, None
        if process is None:
            return
        ended = process.poll()
        if ended is None:
            process.send_signal(signal.SIGTERM)
            try:
                ended = process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise AssertionError(f"weir did not stop within {STOP_SECONDS} s of SIGTERM:\n{self.log()[-4_000:]}") from None
        assert ended == 0, f"weir ended with {ended}:\n{self.log()[-8_000:]}"

    def kill(self):
        """Ends the program as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def create_filter(self, field, value, **more):
        """Returns its id; `more` goes into the request."""
        return self.admin.json("POST", "/v1/shared-tokens/filters", {"field": field, "value": value, **more})["id"]

    def create_token(self, filters, name="test", **more):
        """A shared token limited to `filters`, (field, value) pairs; `more` goes into the request. Returns the API's answer."""
        ids = [self.create_filter(field, value) for field, value in filters]
        return self.admin.json("POST", "/v1/shared-tokens", {"tokenName": name, "filters": ids, **more})

    def as_holder(self, token):
        """The gate as the holder of `token` (the secret, or an answer of create_token) sees it."""
        secret = token if isinstance(token, str) else token["token"]
        return Http(self.gate_url, {"Authorization": f"Bearer {secret}"})

    __enter__ = start

    def __exit__(self, *_):
        self.stop()
