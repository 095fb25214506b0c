"""Both ends of the wire as raw sockets: a client that sends any bytes, and an upstream that records the exact bytes it got."""
import json
import socket
import ssl
import threading
import urllib.parse

SEARCH_ANSWER = (b'{"took":1,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},'
                 b'"hits":{"total":{"value":0,"relation":"eq"},"max_score":null,"hits":[]}}')

VERSION_ANSWER = b'{"version":{"distribution":"opensearch","number":"3.4.0"}}'


def answer(body=SEARCH_ANSWER, status="200 OK", headers=("content-type: application/json; charset=UTF-8",)):
    """The bytes of a whole answer with a Content-Length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def own_question(target):
    """What a cluster answers to the gate's own questions that has one index for each pattern (`logs-1` for `logs-*`), in which every field
    is a keyword; None to other questions."""
    path, _, query = target.partition("?")
    if path.endswith("/_cluster/state/version"):
        return {"state_uuid": "never changes"}
    if path.endswith("/_settings/index.uuid"):
        return {name.replace("*", "1"): {"settings": {"index": {"uuid": "u"}}} for name in path.split("/")[-3].split(",")}
    if path.endswith("/_mapping"):
        properties = {}
        for place in urllib.parse.parse_qs(query)["filter_path"][0].split(","):
            steps = place.split(".")[2:]
            if steps[-1] in ("type", "fields", "copy_to", "derived"):
                continue
            node = properties
            for step in steps[1::2]:
                node = node.setdefault("properties", {}).setdefault(step, {})
            node["type"] = "keyword"
        return {name.replace("*", "1"): {"mappings": properties} for name in path.split("/")[-2].split(",")}
    return None


class Closed(Exception):
    """The peer closed the connection before a message was complete."""


class Reader:
    """Takes messages off a socket, strictly."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, b""

    def more(self):
        piece = self.sock.recv(1 << 16)
        if not piece:
            raise Closed(self.buffer)
        self.buffer += piece

    def until(self, mark):
        while mark not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(mark, 1)
        return head + mark

    def exactly(self, size):
        while len(self.buffer) < size:
            self.more()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def body(self, headers):
        if headers.get("transfer-encoding") == "chunked":
            whole = b""
            while size := int(self.until(b"\r\n"), 16):
                whole += self.exactly(size)
                assert self.exactly(2) == b"\r\n"
            assert self.exactly(2) == b"\r\n"
            return whole
        return self.exactly(int(headers.get("content-length", 0)))


class Message:
    """A request or an answer: `head` as sent, `start` its first line, `headers` by lower-case name, `body` decoded."""

    def __init__(self, head):
        self.head = head
        self.start, *lines = head.decode("latin-1").split("\r\n")[:-2]
        pairs = [line.split(":", 1) for line in lines]
        self.headers = {name.lower(): value.strip() for name, value in pairs}
        assert len(self.headers) == len(pairs), f"a header is there twice: {head}"
        self.body = b""

    @property
    def status(self):
        return int(self.start.split()[1])


class Upstream:
    """A search cluster of one's own making. `requests` has every request in the order of arrival, but for those of the gate
    itself, which asks for the root to see who is there, and for indices and mappings.

    `respond(request, connection)` gives the bytes of the answer, or None if it has dealt with the connection (a socket) itself;
    then the connection is closed."""

    def __init__(self, respond=None, tls=None):
        self.respond = respond or (lambda request, connection: answer())
        self.requests, self.connections, self.tls = [], 0, tls
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.lock = threading.Lock()
        self.open, self.own = set(), set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.open.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, raw):
        connection = raw
        try:
            connection = self.tls.wrap_socket(raw, server_side=True) if self.tls else raw
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            reader = Reader(connection)
            while True:
                request = Message(reader.until(b"\r\n\r\n"))
                request.body = reader.body(request.headers)
                own = own_question(request.start.split()[1])
                if own is not None:
                    self.set_apart(raw)
                    connection.sendall(answer(json.dumps(own).encode()))
                    continue
                if request.start.endswith("/ HTTP/1.1"):
                    connection.sendall(answer(b"" if request.start.startswith("HEAD") else VERSION_ANSWER))
                    continue
                with self.lock:
                    self.requests.append(request)
                data = self.respond(request, connection)
                if data is None:
                    return
                connection.sendall(data)
        except (Closed, OSError):
            pass
        finally:
            with self.lock:
                self.open.discard(raw)
                self.own.discard(raw)
            connection.close()

    def set_apart(self, raw):
        """The gate asks on a connection of its own, which is not counted."""
        with self.lock:
            if raw in self.open:
                self.open.discard(raw)
                self.own.add(raw)
                self.connections -= 1

    def close(self):
        if self.listener.fileno() >= 0:
            self.listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake the thread that accepts
            self.listener.close()
        with self.lock:
            for connection in self.open | self.own:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Client:
    """One connection to `port`. `receive()` reads one answer; `closed()` is true if nothing more comes."""

    def __init__(self, port, timeout=20, tls=None):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname="localhost")
        self.reader = Reader(self.sock)

    def send(self, data):
        self.sock.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def receive(self, to_head=False):
        message = Message(self.reader.until(b"\r\n\r\n"))
        if message.status >= 200 and not to_head:
            message.body = self.reader.body(message.headers)
        return message

    def closed(self):
        try:
            self.reader.more()
        except (Closed, ConnectionResetError, ssl.SSLError):
            return not self.reader.buffer
        return False

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
