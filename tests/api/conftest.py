"""What the API suite shares: an upstream that remembers what it was sent, and the program in front of it."""
import http.server
import json
import os
import subprocess
import threading
import uuid

import pytest

import nodes
import wire

EMPTY_SEARCH = {"took": 1, "timed_out": False, "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
                "hits": {"total": {"value": 0, "relation": "eq"}, "max_score": None, "hits": []}}
CAPS = {"indices": ["logs-1"], "fields": {"team": {"keyword": {"type": "keyword", "searchable": True, "aggregatable": True}}}}
INFO = {"name": "node", "cluster_name": "c", "cluster_uuid": "u", "version": {"distribution": "opensearch", "number": "2.19.4"}}


class Upstream:
    """Answers every search with nothing and the gate's own questions as one index of keywords would. `searches` holds the bodies it was sent, decoded, in order."""

    def __init__(self):
        recorder = self
        self.searches, self.lock = [], threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                own = INFO if self.path == "/" else CAPS if "/_field_caps" in self.path else wire.own_question(self.path)
                if own is None:
                    with recorder.lock:
                        recorder.searches.append(json.loads(body) if body else None)
                data = json.dumps(EMPTY_SEARCH if own is None else own).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json; charset=UTF-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_POST = do_HEAD = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="session")
def upstream():
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def weir(start_weir, upstream):
    return start_weir(upstream)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory):
    """The URL of a PostgreSQL server of this run, without the name of a database."""
    script, file = nodes.SUPPORT / "postgresql", tmp_path_factory.mktemp("postgresql") / "server.json"
    subprocess.run([script, "start", file, "--owner", str(os.getpid())], check=True)
    yield json.loads(file.read_text())["url"].rpartition("/")[0]
    subprocess.run([script, "stop", file], check=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request):
    """The URL of an empty token store, once of each kind; None for the file that is the default."""
    if request.param == "sqlite":
        return None
    server, name = request.getfixturevalue("postgresql"), f"api_{uuid.uuid4().hex}"
    subprocess.run(["psql", "-q", f"{server}/postgres", "-c", f"CREATE DATABASE {name}"], check=True)
    return f"{server}/{name}"


@pytest.fixture
def filters_sent(upstream):
    """A function: searches as the holder of the token, and gives the filters the upstream was sent as {(field, value), ...}."""

    def search(weir, token):
        with upstream.lock:
            upstream.searches.clear()
        response = weir.as_holder(token).request("POST", "/logs-1/_search", {"query": {"match_all": {}}})
        assert response.status_code == 200, response.text
        with upstream.lock:
            (body,) = upstream.searches
        return {(field, term["value"]) for field, term in terms_in(body) if not field.startswith("_")}

    return search


def terms_in(node):
    """Every `term` clause of a body, as (field, what stands below it)."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "term":
                yield from value.items()
            else:
                yield from terms_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from terms_in(item)
