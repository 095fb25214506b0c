"""A store that fails: 503 with a reason, nothing half-done, and the gate goes on under the policy it had."""
import os
import resource
import sqlite3
import subprocess
import time

import pytest

TOKENS, FILTERS = "/v1/shared-tokens", "/v1/shared-tokens/filters"


@pytest.fixture
def ready(start_weir, upstream, filters_sent):
    """The program with a token, its store in a place that `break_store` can fill, and a check that all is as it was."""
    weir = start_weir(upstream)
    filter_id = weir.create_filter("team", "x")
    token = weir.admin.json("POST", TOKENS, {"tokenName": "n", "filters": [filter_id]})
    return weir, token


def changes(token):
    return [("POST", TOKENS, {"tokenName": "new"}), ("POST", FILTERS, {"field": "a", "value": "b"}),
            ("PUT", f"{TOKENS}/{token['id']}", {"filters": []}), ("DELETE", f"{TOKENS}/{token['id']}", None),
            ("DELETE", f"{FILTERS}/{token['filters'][0]}", None)]


def assert_refused(weir, token, text):
    for method, path, body in changes(token):
        response = weir.admin.request(method, path, body)
        assert response.status_code == 503, (method, path, response.text)
        assert text in response.json()["message"]
        assert "nothing was changed" in response.json()["message"]
        assert int(response.headers["Retry-After"]) > 0


def assert_untouched(weir, token, filters_sent):
    assert filters_sent(weir, token) == {("team", "x")}
    shown = weir.admin.json("GET", TOKENS)
    use = ("requests", "denials")
    assert [{key: None if key == "lastUsed" else value for key, value in row.items() if key not in use} for row in shown] == [token]
    assert [row["id"] for row in weir.admin.json("GET", FILTERS)] == token["filters"]


def test_file_size_limit(ready, filters_sent):
    """The store cannot grow: what a quota does."""
    weir, token = ready
    pid = weir.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    assert_refused(weir, token, "disk of the token store")
    assert_untouched(weir, token, filters_sent)
    time.sleep(4)  # a flush of the last use fails meanwhile; that must not end anything
    assert filters_sent(weir, token) == {("team", "x")}
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    assert_untouched(weir, token, filters_sent)
    weir.admin.json("POST", TOKENS, {"tokenName": "again"})
    weir.stop()
    weir.start()
    assert [row["name"] for row in weir.admin.json("GET", TOKENS)] == ["n", "again"]
    assert weir.admin.json("GET", f"{TOKENS}/{token['id']}")["lastUsed"] is not None


class SmallDisk:
    """A folder on a file system of one megabyte that can be filled up. Where mounting is not allowed (a container), the program's files
    are kept from growing instead."""

    def __init__(self, folder):
        self.folder, self.limited = folder, None
        folder.mkdir()
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        mount = [*sudo, "mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", folder]
        self.mounted = subprocess.run(mount, capture_output=True).returncode == 0
        self.unmount = [*sudo, "umount", "-l", folder]

    def fill(self, pid):
        if not self.mounted:
            self.limited = pid
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            return
        with open(self.folder / "filler", "wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(bytes(4096))

    def free(self):
        if self.mounted:
            (self.folder / "filler").unlink()
        else:
            resource.prlimit(self.limited, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def remove(self):
        if self.mounted:
            subprocess.run(self.unmount, check=True)


@pytest.fixture
def small_disk(tmp_path):
    disk = SmallDisk(tmp_path / "disk")
    yield disk
    disk.remove()


def test_full_disk(small_disk, start_weir, upstream, filters_sent):
    weir = start_weir(upstream, flags=["--store", f"sqlite:{small_disk.folder}/weir.db"])
    token = weir.admin.json("POST", TOKENS, {"tokenName": "n", "filters": [weir.create_filter("team", "x")]})
    small_disk.fill(weir.process.pid)
    # What is left over in the files of the store is used up first; each answer is all or nothing.
    accepted = 0
    for _ in range(500):
        response = weir.admin.request("POST", FILTERS, {"field": "a", "value": "v" * 1000})
        if response.status_code != 200:
            break
        accepted += 1
    assert response.status_code == 503 and "disk of the token store" in response.json()["message"]
    assert len(weir.admin.json("GET", FILTERS)) == 1 + accepted
    assert filters_sent(weir, token) == {("team", "x")}
    small_disk.free()
    weir.admin.json("PUT", f"{TOKENS}/{token['id']}", {"filters": []})
    assert filters_sent(weir, token) == set()
    weir.stop()
    weir.start()
    assert len(weir.admin.json("GET", FILTERS)) == 1 + accepted


def test_locked_store(ready, filters_sent):
    weir, token = ready
    with sqlite3.connect(weir.folder / "data" / "weir.db", isolation_level=None) as db:
        db.execute("BEGIN IMMEDIATE")
        response = weir.admin.request("POST", TOKENS, {})
        assert response.status_code == 503 and "locked by another process" in response.json()["message"]
        assert_untouched(weir, token, filters_sent)
        db.execute("ROLLBACK")
    assert weir.admin.request("POST", TOKENS, {}).status_code == 200


def test_corrupt_store(ready, filters_sent):
    weir, token = ready
    path = weir.folder / "data" / "weir.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with open(path, "r+b") as file:
        file.seek(0)
        file.write(os.urandom(size))
    with sqlite3.connect(path) as db, pytest.raises(sqlite3.DatabaseError):
        db.execute("SELECT count(*) FROM tokens")
    for method, path, body in changes(token):
        response = weir.admin.request(method, path, body)
        assert response.status_code == 503, (method, path, response.text)
    assert filters_sent(weir, token) == {("team", "x")}, "the gate goes on"
    weir.stop()
    with pytest.raises(AssertionError, match="weir ended with 1"):
        weir.start()
    assert "corrupt" in weir.log()
    weir.process = None
