"""What gets through to Dashboards and back: the exact heads, bodies as they come, WebSockets, and what is refused before it is asked."""
import gzip
import json
import socket

import pytest

import nodes
import wire

NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
MARKER = '<script src="/.weir/marker.js" defer></script>'


def test_the_request_is_written_anew(visitor, token, dashboards):
    sent = {"Authorization": "Bearer mine", "X-Shared-Token": "mine", "X-Forwarded-For": "1.2.3.4", "X-Proxy-User": "admin", "securitytenant": "global",
            "Referer": f"http://x/?shareToken={token['token']}", "Cookie": f"a=1; weir={token['token']}; b=2", "TE": "trailers", "Connection": "keep-alive, x-own",
            "X-Own": "hop", "osd-xsrf": "true", "osd-version": "2.8.0", "User-Agent": "test", "Accept-Encoding": "gzip, br", "Origin": visitor.url}
    answer = visitor.request("POST", "/internal/search/opensearch?x=1&y=%2F", {"a": 1}, headers=sent)
    assert answer.json() == {"answer": 42}
    line, headers, body = dashboards.requests[-1]
    assert line == "POST /internal/search/opensearch?x=1&y=%2F HTTP/1.1" and json.loads(body) == {"a": 1}
    names = [name for name, _ in headers]
    assert len(names) == len(set(names))
    headers = dict(headers)
    assert headers.pop("origin") == visitor.url
    assert headers == {"host": f"127.0.0.1:{dashboards.port}", "x-shared-token": token["token"], "cookie": "a=1; b=2", "osd-xsrf": "true", "osd-version": "2.8.0",
                       "user-agent": "test", "accept": "*/*", "accept-encoding": "gzip", "content-type": "application/json", "content-length": "8"}


def test_the_answer_is_written_anew(visitor):
    page = visitor.request("GET", "/app/home", headers=NAVIGATION)
    got = page.raw.headers
    assert got.getlist("set-cookie") == ["theirs=1; HttpOnly"]
    assert got.getlist("content-security-policy") == ["script-src 'unsafe-eval' 'self'; style-src 'self'", "frame-ancestors 'self'"]
    assert got["referrer-policy"] == "no-referrer" and got["x-own"] == "kept"
    for name in ("x-frame-options", "www-authenticate", "refresh", "clear-site-data", "access-control-allow-origin", "x-hop"):
        assert name not in got
    assert MARKER in page.text and page.text.replace(MARKER, "").endswith("page</body></html>")


def test_only_pages_are_marked(visitor):
    assert MARKER not in visitor.request("GET", "/app/home", headers={"Sec-Fetch-Mode": "cors", "Accept": "*/*"}).text
    script = visitor.request("GET", "/bundles/gzip.js")
    assert script.text == "alert(1)" and script.headers["content-encoding"] == "gzip" and script.headers["cache-control"] == "max-age=31536000"


def test_capabilities_are_read_only(visitor, dashboards):
    answer = visitor.request("POST", "/api/core/capabilities", {"applications": []}).json()
    assert dashboards.headers()["accept-encoding"] == "identity"
    assert answer == {"navLinks": {"dashboards": True, "dev_tools": False, "management": False}, "management": {"opensearchDashboards": {"settings": False}},
                      "catalogue": {"dashboard": True, "management": False}, "dashboard": {"createNew": False, "show": True, "showWriteControls": False, "saveQuery": False},
                      "visualize": {"show": True, "save": False, "createShortUrl": False, "delete": False}, "discover": {"show": True, "save": False},
                      "dev_tools": {"show": False, "save": False}, "advancedSettings": {"show": True, "save": False},
                      "savedObjectsManagement": {"read": True, "edit": False, "delete": False}, "indexPatterns": {"save": False}}


@pytest.mark.parametrize("path, expected", [("/to/own", "/app/home"), ("/to/path", "/app/home"), ("/to/evil", None), ("/to/slashes", None)])
def test_redirects_stay_inside(visitor, path, expected):
    answer = visitor.request("GET", path)
    assert answer.headers.get("location") == expected
    assert answer.status_code == (302 if expected else 503)


ALLOWED = [("GET", "/app/dashboards"), ("HEAD", "/app/home"), ("GET", "/goto/0123"), ("GET", "/bundles/gzip.js"), ("GET", "/ui/logos/x.svg"), ("GET", "/bootstrap.js"),
           ("POST", "/api/core/capabilities"), ("GET", "/api/saved_objects/_find?type=dashboard"), ("POST", "/api/saved_objects/_bulk_get"), ("GET", "/api/saved_objects/dashboard/abc"),
           ("GET", "/api/opensearch-dashboards/settings"), ("POST", "/api/opensearch-dashboards/suggestions/values/logs-*"), ("GET", "/api/index_patterns/_fields_for_wildcard"),
           ("POST", "/internal/search/opensearch"), ("POST", "/internal/_msearch"), ("POST", "/api/metrics/vis/data"), ("POST", "/api/timeline/run")]
DENIED = [("POST", "/api/console/proxy?path=_search&method=GET"), ("GET", "/api/console/api_server"), ("GET", "/api/stats"), ("GET", "/api/status"), ("POST", "/api/saved_objects/_export"),
          ("POST", "/api/saved_objects/_import"), ("POST", "/api/saved_objects/_resolve_import_errors"), ("POST", "/api/saved_objects/dashboard"), ("POST", "/api/saved_objects/dashboard/abc"),
          ("PUT", "/api/saved_objects/dashboard/abc"), ("DELETE", "/api/saved_objects/dashboard/abc"), ("POST", "/api/saved_objects/_bulk_create"), ("PUT", "/api/saved_objects/_bulk_update"),
          ("GET", "/api/saved_objects/_anything/abc"), ("POST", "/api/sample_data/flights"), ("GET", "/api/sample_data"), ("POST", "/api/opensearch-dashboards/settings"),
          ("POST", "/api/opensearch-dashboards/settings/defaultIndex"), ("DELETE", "/api/opensearch-dashboards/settings/defaultIndex"), ("POST", "/api/shorten_url"),
          ("GET", "/app/dev_tools"), ("GET", "/app/dev_tools/console"), ("GET", "/app/management/opensearch-dashboards/objects"), ("POST", "/app/home"), ("GET", "/w/x/api/console/proxy"),
          ("GET", "/API/stats"), ("POST", "/internal/search/ppl"), ("GET", "/internal/anything"), ("POST", "/anything"), ("PATCH", "/app/home"), ("OPTIONS", "/api/stats"),
          ("GET", "/api"), ("GET", "/api/"), ("GET", "/api/status/"), ("POST", "/api/core/capabilities/"), ("GET", "/s/tenant/api/stats"), ("DELETE", "/")]


@pytest.mark.parametrize("method, path", ALLOWED)
def test_what_looking_takes(visitor, dashboards, method, path):
    before = len(dashboards.requests)
    answer = visitor.request(method, path, {} if method == "POST" else None)
    assert answer.status_code == 200
    assert dashboards.requests[before][0] == f"{method} {path} HTTP/1.1"


@pytest.mark.parametrize("method, path", DENIED)
def test_what_it_does_not_take(visitor, dashboards, method, path):
    before = len(dashboards.requests)
    answer = visitor.request(method, path, {} if method in ("POST", "PUT", "PATCH") else None)
    assert answer.status_code == 403
    assert answer.json() == {"statusCode": 403, "error": "Forbidden", "code": "front.read_only", "message": answer.json()["message"]}
    assert len(dashboards.requests) == before


SPELLINGS = ["/api%2fstats", "/%61pi/stats", "/api/./stats", "/x/../api/stats", "//api/stats", "/app//home", "/api%252fstats", "/app/%2e%2e/api/stats", "/api\\stats",
             "/api%5cstats", "/app/home;x", "/app/%00", "/app/%", "/app/%zz", "/app/%0d%0ax", "/app/.", "/.."]


@pytest.mark.parametrize("path", SPELLINGS)
def test_one_spelling_only(weir, visitor, token, dashboards, path):
    before = len(dashboards.requests)
    answer = send(weir, token, f"GET {path} HTTP/1.1")
    assert answer.status == 400 and json.loads(answer.body)["code"] == "front.bad_request"
    assert len(dashboards.requests) == before


def send(weir, token, request, lines="", body=b""):
    client = wire.Client(weir.front_port, timeout=60)
    client.send(f"{request}\r\nHost: front\r\nCookie: weir={token['token']}\r\n{lines}\r\n".encode() + body)
    return client.receive()


@pytest.mark.parametrize("lines, body", [
    ("Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"), ("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"), ("Transfer-Encoding: gzip\r\n", b""),
    ("Transfer-Encoding: xchunked\r\n", b""), ("Host: other\r\n", b""), (" folded: x\r\n", b""), ("bad name: x\r\n", b""), ("Upgrade: h2c\r\nConnection: upgrade\r\n", b""),
    ("Upgrade: websocket\r\n", b""), ("Connection: upgrade\r\n", b""), ("Upgrade: websocket\r\nConnection: upgrade\r\n", b""), ("Transfer-Encoding: chunked\r\n", b"zz\r\n")])
def test_unclear_framing_is_refused(weir, token, dashboards, lines, body):
    before = len(dashboards.requests)
    answer = send(weir, token, "POST /internal/search/opensearch HTTP/1.1", lines, body)
    assert answer.status == 400
    assert len(dashboards.requests) == before


def test_old_http_and_absolute_targets_are_refused(weir, token):
    assert send(weir, token, "GET /app/home HTTP/1.0").status == 400
    assert send(weir, token, "GET http://evil.example/app/home HTTP/1.1").status == 400


def test_bodies_have_a_limit_and_come_in_any_framing(weir, token, dashboards):
    big = b"x" * (64 * 1024 + 1)
    assert send(weir, token, "POST /internal/_msearch HTTP/1.1", f"Content-Length: {len(big)}\r\n", big).status == 413
    assert send(weir, token, "POST /internal/_msearch HTTP/1.1", "Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").status == 200
    assert dashboards.requests[-1][2] == b"abcde" and dashboards.headers()["content-length"] == "5"
    zipped = gzip.compress(b"inflated")
    assert send(weir, token, "POST /internal/_msearch HTTP/1.1", f"Content-Length: {len(zipped)}\r\nContent-Encoding: gzip\r\n", zipped).status == 200
    assert dashboards.requests[-1][2] == b"inflated" and "content-encoding" not in dashboards.headers()


def test_without_a_link_nothing_is_asked(weir, dashboards, new_browser):
    before = len(dashboards.requests)
    browser = new_browser()
    for method, path in ALLOWED:
        assert browser.request(method, path, {} if method == "POST" else None).status_code == 401
    assert len(dashboards.requests) == before
    assert browser.request("GET", "/.weir/viewer.css").status_code == 200, "its own page needs its style"
    for path in ("/.weir/view", "/.weir/gate/_search", "/.weir/nothing.js", "/.weir/viewer.html"):
        assert browser.request("GET", path).status_code in (401, 404)


def test_another_site_cannot_send_data(visitor, dashboards):
    before = len(dashboards.requests)
    for origin in ("https://evil.example", "null", visitor.url + ".evil.example"):
        assert visitor.request("POST", "/internal/_msearch", {}, headers={"Origin": origin}).status_code == 400
    assert len(dashboards.requests) == before


def test_an_answer_streams(weir, token, dashboards):
    client = wire.Client(weir.front_port, timeout=60)
    client.send(f"GET /stream HTTP/1.1\r\nHost: x\r\nCookie: weir={token['token']}\r\n\r\n")
    head = client.reader.until(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    assert client.reader.until(b"first\r\n") == b"5\r\nfirst\r\n"  # while the rest has not been sent
    dashboards.release.set()
    assert client.reader.until(b"0\r\n\r\n") == b"6\r\nsecond\r\n0\r\n\r\n"


def test_a_cut_answer_ends_the_connection(weir, token):
    client = wire.Client(weir.front_port, timeout=60)
    client.send(f"GET /cut HTTP/1.1\r\nHost: x\r\nCookie: weir={token['token']}\r\n\r\n")
    with pytest.raises((wire.Closed, ConnectionResetError)):
        client.receive()


def open_web_socket(weir, token, path="/ws", lines=""):
    client = wire.Client(weir.front_port, timeout=60)
    client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: weir={token['token']}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: abc\r\n{lines}\r\n")
    return client, wire.Message(client.reader.until(b"\r\n\r\n"))


def test_a_web_socket_passes_until_the_link_ends(weir, dashboards):
    token = weir.create_token([("team", "a")])
    client, head = open_web_socket(weir, token, lines="Origin: http://x\r\n")
    assert head.status == 101 and head.headers["sec-websocket-accept"] == "yes" and head.headers["upgrade"] == "websocket"
    sent = dashboards.headers()
    assert sent["x-shared-token"] == token["token"] and sent["upgrade"] == "websocket" and "cookie" not in sent
    assert client.reader.exactly(5) == b"hello"
    for text in (b"one", b"x" * 100_000):
        client.send(text)
        assert client.reader.exactly(len(text)) == text.upper()
    weir.admin.json("DELETE", f"/v1/shared-tokens/{token['id']}")
    with pytest.raises((wire.Closed, ConnectionResetError)):
        client.reader.more()


def test_web_sockets_that_are_none(weir, token, dashboards):
    before = len(dashboards.requests)
    assert open_web_socket(weir, token, lines="Origin: https://evil.example\r\n")[1].status == 400
    assert open_web_socket(weir, token, path="/api/console/ws")[1].status == 403
    assert open_web_socket(weir, {"token": "0"})[1].status == 401
    assert len(dashboards.requests) == before
    assert open_web_socket(weir, token, path="/app/home")[1].status == 503


def test_statuses_without_a_body(visitor):
    same = visitor.request("GET", "/same")
    assert same.status_code == 304 and same.headers["etag"] == '"1"'
    assert visitor.request("GET", "/missing").status_code == 404
    head = visitor.request("HEAD", "/app/home")
    assert head.status_code == 200 and head.content == b""


def test_dashboards_away(start_weir, scripted_upstream):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        weir = start_weir(scripted_upstream.url, front=True, flags=["--front-dashboards", f"http://127.0.0.1:{free.getsockname()[1]}"])
        token = weir.create_token([("team", "a")])
        front = nodes.Http(weir.front_url, {"Cookie": f"weir={token['token']}"})
        assert front.request("GET", "/app/home").json()["code"] == "front.unavailable"
        page = front.request("GET", "/app/home", headers=NAVIGATION)
        assert page.status_code == 503 and "<html" in page.text and page.headers["retry-after"] == "1"


def test_the_program_ends_with_open_pages(start_weir, scripted_upstream, dashboards):
    weir = start_weir(scripted_upstream.url, front=True, flags=["--front-dashboards", dashboards.url, "--limits-drain-timeout", "1s"])
    token = weir.create_token([("team", "a")])
    client, head = open_web_socket(weir, token)
    assert head.status == 101
    nodes.Http(weir.front_url, {"Cookie": f"weir={token['token']}"}).request("GET", "/app/home")
    weir.stop()
