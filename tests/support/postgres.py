"""A real PostgreSQL server as a Python object, databases of their own in it, and a network that can be cut between it and the
programs. REQUIRES: `tests/support/setup unit` has run."""
import json
import os
import pathlib
import select
import socket
import subprocess
import threading
import urllib.parse

import nodes

SCRIPT = nodes.SUPPORT / "postgresql"


class PostgreSQL:
    def __init__(self, folder):
        self.file = pathlib.Path(folder) / "postgresql.json"
        self.number = 0

    def __enter__(self):
        self.verb("start", "--owner", str(os.getpid()))
        self.state = json.loads(self.file.read_text())
        self.port = self.state["port"]
        return self

    def __exit__(self, *_):
        self.verb("stop")

    def verb(self, *words):
        subprocess.run([SCRIPT, words[0], self.file, *words[1:]], check=True, stdout=subprocess.DEVNULL)

    def restart(self, mode="immediate"):
        """`immediate`: as a crash."""
        self.verb("pause", "--mode", mode)
        self.verb("resume")

    def database(self):
        """The URL of a new, empty database."""
        self.number += 1
        self.sql(self.state["url"], f"CREATE DATABASE weir_{self.number}")
        return self.state["url"].rsplit("/", 1)[0] + f"/weir_{self.number}"

    def sql(self, url, text):
        """Runs it behind the programs' back; returns the rows as lists of texts."""
        done = subprocess.run(["psql", "-X", "-A", "-t", "-q", "-F", "\t", url, "-c", text], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]


class Relay:
    """TCP on a port of its own to the port of a server, which a test can cut. `cut("drop")` closes connections and refuses new ones;
    `cut("hang")` passes nothing on and closes nothing, as a broken network does; `mend()` ends both."""

    def __init__(self, target):
        self.target, self.state, self.pairs, self.lock = target, None, [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, url):
        """The same URL, through the relay."""
        parts = urllib.parse.urlsplit(url)
        return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rsplit(":", 1)[0] + f":{self.port}"))

    def cut(self, how):
        with self.lock:
            self.state = how
            if how == "drop":
                self.drop()

    def mend(self):
        with self.lock:
            self.drop()  # a connection that hung has lost bytes
            self.state = None

    def drop(self):
        for pair in self.pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self.pairs.clear()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        server = None
        try:
            with self.lock:
                if self.state == "drop":
                    return
                server = socket.create_connection(("127.0.0.1", self.target)) if self.state is None else socket.socket()
                pair = (client, server)
                self.pairs.append(pair)
            while True:
                watched = pair if self.state is None else ()
                ready = select.select(watched, (), (), 0.05)[0]
                if pair not in self.pairs:
                    return
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    if self.state is None:
                        pair[1 - pair.index(end)].sendall(data)
        except OSError:
            pass
        finally:
            client.close()
            if server is not None:
                server.close()

    def close(self):
        self.listener.close()
        self.cut("drop")
