"""Thousands of mixed requests over many connections at once, good and bad, against a build with AddressSanitizer and UBSan:
every answer is the right one for its own request, nothing is reported, and the program ends cleanly."""
import asyncio
import collections
import gzip
import json
import os
import random
import time

import nodes
import wire

SECONDS = float(os.environ.get("LOAD_SECONDS", "20"))
CONNECTIONS = 200
HEADERS = "Host: gate\r\nContent-Type: application/json\r\n"


class Upstream:
    """Echoes the number in a search back as its `took`, in any framing, sometimes broken."""

    def __init__(self, seed):
        self.random, self.leaked = random.Random(seed), 0

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.split("content-length: ")[1].split("\r\n")[0]) if "content-length" in head else 0
                body = await reader.readexactly(length)
                self.leaked += "bearer" in head or b"tok-" in body
                own = wire.own_question(head.split()[1])
                if own is not None:
                    writer.write(wire.answer(json.dumps(own).encode()))
                    continue
                if not await self.answer(head, body, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, head, body, writer):
        number = int(body.split(b'"n":')[1].split(b"}")[0]) if b'"n":' in body else 0
        data = wire.SEARCH_ANSWER.replace(b'"took":1', b'"took":%d' % number)
        kind = self.random.random() if number else 1
        if kind < 0.02:
            return False
        if kind < 0.04:
            await asyncio.sleep(0.2)
        if kind < 0.10:
            data += b" " * self.random.randrange(400_000)
        if kind < 0.14:
            writer.write(wire.answer(b'{"error":{"type":"odd_exception"}}', "500 Internal Server Error"))
        elif kind < 0.16:
            writer.write(wire.answer(data)[:-20])
            return False
        elif kind < 0.40:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
            for at in range(0, len(data), 50_000):
                writer.write(b"%x\r\n%s\r\n" % (len(data[at:at + 50_000]), data[at:at + 50_000]))
            writer.write(b"0\r\n\r\n")
        else:
            writer.write(wire.answer(data))
        await writer.drain()
        return True


class Holder:
    """One client connection at a time, sending every kind of request and checking what comes back."""

    def __init__(self, port, tokens, seed, counts):
        self.port, self.tokens, self.random, self.counts = port, tokens, random.Random(seed), counts

    def search(self, number):
        body = json.dumps({"query": {"term": {"n": number}}, "size": 0}, separators=(",", ":")).replace(
            f'"n":{number}', f'"n":{number}').encode()
        lines = f"{HEADERS}Authorization: Bearer {self.random.choice(self.tokens)}\r\n"
        if self.random.random() < 0.2:
            body, lines = gzip.compress(body), lines + "Content-Encoding: gzip\r\n"
        if self.random.random() < 0.3:
            lines += "Transfer-Encoding: chunked\r\n"
            cut = self.random.randrange(1, len(body))
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:cut], body[cut:])) + b"0\r\n\r\n"
        else:
            lines += f"Content-Length: {len(body)}\r\n"
        return f"POST /logs-a/_search HTTP/1.1\r\n{lines}\r\n".encode() + body

    def bad(self):
        credential = f"{HEADERS}Authorization: Bearer {self.tokens[0]}\r\n"
        big = b" " * 70_000
        return self.random.choice([
            (f"GET /_cat/indices HTTP/1.1\r\n{credential}\r\n".encode(), 403, True),
            (f"GET /logs-a/_search HTTP/1.1\r\n{HEADERS}\r\n".encode(), 401, True),
            (f"POST /logs-a/_search HTTP/1.1\r\n{credential}Content-Length: 2\r\n\r\n[]".encode(), 400, True),
            (f"POST /logs-a/_search HTTP/1.1\r\n{credential}Content-Length: {len(big)}\r\n\r\n".encode() + big, 400, True),
            (f"GET / HTTP/1.1\r\n{credential}Host: other\r\n\r\n".encode(), 400, False),
            (f"GET / HTTP/1.0\r\n{credential}\r\n".encode(), 400, False),
            (f"POST / HTTP/1.1\r\n{credential}Transfer-Encoding: chunked\r\n\r\nxyz".encode(), 400, False),
        ])

    async def receive(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split()[1])
        if "transfer-encoding: chunked" not in head:
            return status, await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
        return status, body

    async def talk(self, reader, writer):
        """False when the connection is used up."""
        kind = self.random.random()
        if kind < 0.2:
            data, expected, keeps = self.bad()
            writer.write(data)
            status, body = await self.receive(reader)
            assert status == expected, (data[:200], status, body[:300])
            self.counts["refused"] += 1
            return keeps
        numbers = [self.random.randrange(1, 10**9) for _ in range(3 if kind < 0.3 else 1)]
        data = b"".join(map(self.search, numbers))
        if kind < 0.25:
            data = data[:-1]
        writer.write(data)
        if kind > 0.97 or kind < 0.25:
            return False  # goes away in the middle
        for number in numbers:
            status, body = await self.receive(reader)
            if status == 200:
                assert json.loads(body)["took"] == number, "somebody else's answer"
                self.counts["answered"] += 1
            else:
                assert status in (429, 500, 502, 503, 504), body[:300]
                self.counts["failed upstream"] += 1
        return True

    async def run(self, deadline):
        while time.monotonic() < deadline:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
            try:
                while time.monotonic() < deadline and await asyncio.wait_for(self.talk(reader, writer), 60):
                    pass
            except (asyncio.IncompleteReadError, ConnectionError):
                self.counts["cut"] += 1  # the upstream broke off in the middle of an answer
            finally:
                writer.close()


async def load(start, seed):
    upstream, counts = Upstream(seed), collections.Counter()
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, limit=1 << 22, backlog=1024)
    weir, tokens = await asyncio.to_thread(start, server.sockets[0].getsockname()[1])
    deadline = time.monotonic() + SECONDS
    await asyncio.gather(*(Holder(weir.gate_port, tokens, seed + n, counts).run(deadline) for n in range(CONNECTIONS)))
    await asyncio.to_thread(weir.stop)
    server.close()
    return upstream, counts


def test_load_smoke(tmp_path):
    seed = random.randrange(10**6)
    weirs = []

    def start(port):
        weir = nodes.Weir(tmp_path / "weir", f"http://127.0.0.1:{port}", flags=["--upstream-connections", "40"]).start()
        weirs.append(weir)
        return weir, [weir.create_token([("team", name)], name)["token"] for name in ("a", "b", "c")]

    upstream, counts = asyncio.run(load(start, seed))
    print(f"seed {seed}: {dict(counts)}")
    log = weirs[0].log()
    assert "ERROR: AddressSanitizer" not in log and "runtime error" not in log and "LeakSanitizer" not in log, log[-8_000:]
    assert "session_failed" not in log and "admin_failed" not in log
    assert upstream.leaked == 0
    assert all(counts[what] > 0 for what in ("answered", "refused", "failed upstream", "cut")), counts
