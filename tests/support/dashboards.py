"""A stand-in for the bytes of OpenSearch Dashboards: answers by path and remembers the exact requests."""
import gzip
import json
import socket
import threading

import wire

PAGE = b"<!DOCTYPE html><html lang=\"en\"><head><title>Dashboards</title></head><body>page</body></html>"
CAPABILITIES = {"navLinks": {"dashboards": True, "dev_tools": True, "management": True}, "management": {"opensearchDashboards": {"settings": True}},
                "catalogue": {"dashboard": True, "management": True}, "dashboard": {"createNew": True, "show": True, "showWriteControls": True, "saveQuery": True},
                "visualize": {"show": True, "save": True, "createShortUrl": True, "delete": True}, "discover": {"show": True, "save": True},
                "dev_tools": {"show": True, "save": True}, "advancedSettings": {"show": True, "save": True},
                "savedObjectsManagement": {"read": True, "edit": True, "delete": True}, "indexPatterns": {"save": True}}


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class Dashboards:
    """Listens on a port of its own. `requests` holds (request line, headers as a list of pairs, body) in order. `release` lets the second
    half of /stream go. `search(headers, body)`, if given, answers the data plugin's searches: (status, body)."""

    def __init__(self, search=None):
        self.search = search
        self.requests, self.release = [], threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        reader = wire.Reader(sock)
        try:
            while True:
                lines = reader.until(b"\r\n\r\n").decode("latin-1").split("\r\n")[:-2]
                headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
                body = reader.body(dict(headers))
                self.requests.append((lines[0], headers, body))
                method, target, _ = lines[0].split(" ")
                if not self.answer(sock, method, target, dict(headers), body):
                    return
        except (wire.Closed, OSError, ValueError):
            pass
        finally:
            sock.close()

    def answer(self, sock, method, target, headers, body):
        path = target.partition("?")[0]
        if self.search and path == "/internal/search/opensearch":
            status, found = self.search(headers, body)
            sock.sendall(f"HTTP/1.1 {status} Whatever\r\ncontent-type: application/json\r\ncontent-length: {len(found)}\r\n\r\n".encode() + found)
            return True
        if path == "/stream":
            sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n" + chunk(b"first"))
            self.release.wait(60)
            sock.sendall(chunk(b"second") + b"0\r\n\r\n")
            return True
        if path == "/ws" and headers.get("upgrade") == "websocket":
            sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: yes\r\n\r\nhello")
            while data := sock.recv(1 << 16):
                sock.sendall(data.upper())
            return False
        if path == "/cut":
            sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345")
            return False
        status, more, body = self.small(path, headers)
        extra = "".join(f"{line}\r\n" for line in more)
        head = f"HTTP/1.1 {status} Whatever\r\n{extra}content-length: {len(body)}\r\n\r\n".encode()
        sock.sendall(head + (b"" if method == "HEAD" else body))
        return True

    def small(self, path, headers):
        """(status, header lines, body)"""
        html = "content-type: text/html; charset=utf-8"
        if path.startswith("/app/"):
            return 200, [html, "content-security-policy: script-src 'unsafe-eval' 'self'; frame-ancestors https://evil.example; style-src 'self'",
                         "x-frame-options: DENY", "set-cookie: weir=evil; Path=/", "Set-Cookie: __Host-weir=evil; Secure; Path=/", "set-cookie: weir=evil2",
                         "set-cookie: =weir=evil3", "set-cookie: weir", "set-cookie: theirs=1; HttpOnly", "www-authenticate: Basic", "refresh: 0;url=//evil.example",
                         "clear-site-data: \"cookies\"", "access-control-allow-origin: *", "x-own: kept", "connection: x-hop", "x-hop: 1"], PAGE
        if path == "/bundles/gzip.js":
            return 200, ["content-type: text/javascript", "content-encoding: gzip", "cache-control: max-age=31536000"], gzip.compress(b"alert(1)")
        if path == "/api/core/capabilities":
            return 200, ["content-type: application/json; charset=utf-8"], json.dumps(CAPABILITIES).encode()
        if path.startswith("/to/"):
            return 302, ["location: " + {"own": f"{self.url}/app/home", "path": "/app/home", "evil": "https://evil.example/", "slashes": "//evil.example"}[path[4:]]], b""
        if path == "/same":
            return 304, ["etag: \"1\""], b""
        if path == "/missing":
            return 404, ["content-type: application/json"], b"{}"
        return 200, ["content-type: application/json"], b"{\"answer\":42}"

    def headers(self, position=-1):
        return dict(self.requests[position][1])

    def close(self):
        self.release.set()
        self.listener.close()
