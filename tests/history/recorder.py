"""Makes a history: writers that change tokens through any replica, readers that search, scroll and keep points in time through any
replica, and faults between them."""
import collections
import dataclasses
import http.client
import json
import random
import select
import subprocess
import threading
import time

import check
import nodes
import replicas

TOKENS = "/v1/shared-tokens"
DECADE = 10 * 365 * 86_400
SLOW = ("0.25", "0.3")  # some answers of the cluster take up to this many seconds
PATIENCE = 30


class Door:
    """One connection to a replica, made again when it breaks."""

    def __init__(self, port, headers):
        self.port, self.headers, self.connection = port, {"Content-Type": "application/json", **headers}, None

    def ask(self, method, path, body=None):
        """(status, decoded answer, before, the last time without a byte of the answer, after); status 0: the connection broke."""
        begin = quiet = time.monotonic()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
                self.connection.connect()
            self.connection.request(method, path, None if body is None else json.dumps(body), self.headers)
            sock = self.connection.sock
            while True:
                now = time.monotonic()
                if select.select([sock], [], [], 0)[0]:
                    break
                quiet = now
                if now - begin > PATIENCE:
                    raise OSError("no answer")
                select.select([sock], [], [], 0.01)
            answer = self.connection.getresponse()
            data = answer.read()
            if answer.will_close:
                self.close()
            return answer.status, json.loads(data) if data else None, begin, quiet, time.monotonic()
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return 0, None, begin, quiet, time.monotonic()

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@dataclasses.dataclass
class Plan:
    changes: int = 150
    reads: int = 3_000
    writers: int = 3
    readers: int = 10
    faults: tuple = ("kill", "pause", "hang", "drop", "database", "clock")
    fault_every: float = 1.5


class History:
    def __init__(self, fleet, plan, seed=1):
        self.fleet, self.plan, self.seed = fleet, plan, seed
        self.lock = threading.Lock()
        self.tracks, self.secrets, self.open_tracks = [], [], []
        self.reads, self.counts, self.errors = [], collections.Counter(), []
        self.changes, self.over = 0, threading.Event()
        self.filters = [fleet[0].create_filter("team", f"s{state}") for state in range(replicas.STATES)]
        self.rotates = f"{TOKENS}/{{id}}/rotate" in fleet[0].admin.json("GET", "/openapi.json")["paths"]

    # --- tracks
    def begin_track(self, secret, state, begin, end):
        with self.lock:
            track = check.Track()
            track.writes.append(check.Write(begin, end, True, state, "create"))
            self.tracks.append(track)
            self.secrets.append(secret)
            self.open_tracks.append(len(self.tracks) - 1)
            return len(self.tracks) - 1

    def pick(self, rng):
        """The latest few tracks, and now and then one that is closed for good."""
        with self.lock:
            if not self.open_tracks:
                return None
            return rng.choice(self.open_tracks) if rng.random() < 0.9 else rng.randrange(len(self.tracks))

    # --- writers
    def write(self, number):
        rng = random.Random(f"{self.seed} writer {number}")
        doors = [Door(replica.admin_port, {"X-API-TOKEN": nodes.API_TOKEN}) for replica in self.fleet.replicas]
        token = None
        while not self.over.is_set():
            if token is None:
                token = self.create(rng, doors)
                continue
            with self.lock:
                if self.changes >= self.plan.changes:
                    return
            kind = rng.choices(["filters", "expire", "delete", "rotate", "disable"], [60, 10, 4, 4, 6])[0]
            if kind in ("rotate", "disable") and not self.rotates:
                kind = "filters"
            token = self.change(rng, rng.choice(doors), token, kind)
            time.sleep(rng.random() * 0.1)

    def state(self, chosen, everything):
        teams = frozenset(f"s{state}" for state in chosen)
        return teams if everything or len(chosen) == 1 else frozenset()

    def create(self, rng, doors):
        state = rng.randrange(replicas.STATES)
        body = {"tokenName": "history", "filters": [self.filters[state]], "expirationDate": int(time.time()) + DECADE}
        status, answer, begin, _, end = rng.choice(doors).ask("POST", TOKENS, body)
        if status != 200:
            self.counts[f"create {status}"] += 1
            time.sleep(0.1)
            return None
        teams = self.state([state], True)
        return {"id": answer["id"], "state": teams, "track": self.begin_track(answer["token"], teams, begin, end)}

    def change(self, rng, door, token, kind):
        path = f"{TOKENS}/{token['id']}"
        track = self.tracks[token["track"]]
        chosen = rng.sample(range(replicas.STATES), rng.choice([1, 1, 2]))
        any_of = rng.random() < 0.5
        state, method, body = self.state(chosen, any_of), "PUT", {
            "filters": [self.filters[item] for item in chosen], "filtersOperator": "OR" if any_of else "AND",
            "expirationDate": int(time.time()) + DECADE}
        if self.rotates:
            body["enabled"] = True
        if kind == "expire":
            state, body["expirationDate"] = check.NOTHING, int(time.time()) - DECADE
        elif kind == "disable":
            state, body["enabled"] = check.NOTHING, False
        elif kind == "delete":
            state, method, body = check.NOTHING, "DELETE", None
        elif kind == "rotate":
            state, method, path, body = check.NOTHING, "POST", path + "/rotate", {"grace": 0}
        write = check.Write(time.monotonic(), float("inf"), False, state, f"{kind} {door.port}")
        with self.lock:
            track.writes.append(write)  # before it is sent: readers may see it at once
        status, answer, begin, _, end = door.ask(method, path, body)
        write.begin = min(write.begin, begin)
        self.counts[f"{kind} {status}"] += 1
        with self.lock:
            self.changes += status in (200, 204)
        if status in (200, 204):
            write.sure, write.end = True, end
            if kind == "rotate":
                self.close_track(token["track"])
                return {"id": token["id"], "state": token["state"],
                        "track": self.begin_track(answer["token"], token["state"], begin, end)} if token["state"] else None
            token["state"] = state
            if kind == "delete":
                self.close_track(token["track"])
                return None
            return token
        if status in (0, 503) and kind != "rotate":
            return token  # known again after the next change that is answered
        # After a deletion or a rotation that was not answered, nobody knows the secret any more; begin anew.
        self.close_track(token["track"])
        if status not in (0, 400, 503):
            self.errors.append((kind, status, answer))
        return None

    def close_track(self, number):
        with self.lock:
            self.open_tracks.remove(number)

    # --- readers
    def read(self, number):
        rng = random.Random(f"{self.seed} reader {number}")
        doors = {}
        while not self.over.is_set():
            with self.lock:
                enough = len(self.reads) >= self.plan.reads and self.changes >= self.plan.changes
            if enough:
                self.over.set()
                return
            track = self.pick(rng)
            if track is None:
                time.sleep(0.05)
                continue
            ask = self.asker(rng, doors, track)
            [self.search, self.search, self.scroll, self.points_in_time][rng.randrange(4)](rng, ask, track)
            if len(doors) > 64:
                for door in doors.values():
                    door.close()
                doors.clear()

    def asker(self, rng, doors, track):
        headers = {"Authorization": f"Bearer {self.secrets[track]}"}

        def ask(path, body):
            replica = rng.randrange(len(self.fleet.replicas))
            door = doors.setdefault((replica, track), Door(self.fleet[replica].gate_port, headers))
            status, answer, begin, quiet, end = door.ask("POST", path, body)
            self.counts[f"read {status}"] += 1
            return status, answer, (begin, quiet, end)

        return ask

    def note(self, track, status, answer, times, whole, what):
        """Returns whether it may go on."""
        if status == 200 and "hits" in answer:
            saw = frozenset(hit["_source"]["team"] for hit in answer["hits"]["hits"])
        elif status == 200:
            return True
        elif status == 401:
            saw = check.NOTHING
        elif status == 404:
            saw = "gone"
        elif status in (0, 429, 503):  # 429: too many open cursors in the cluster
            return False
        else:
            self.errors.append((what, status, answer))
            return False
        with self.lock:
            self.reads.append(check.Read(track, *times, saw, whole, what))
        return status == 200

    def search(self, rng, ask, track):
        self.note(track, *ask(f"/{replicas.INDEX}/_search", {"size": 100}), True, "search")

    def scroll(self, rng, ask, track):
        status, answer, times = ask(f"/{replicas.INDEX}/_search?scroll=10s", {"size": 2})
        while self.note(track, status, answer, times, False, "scroll") and answer["hits"]["hits"]:
            time.sleep(rng.random() * 0.1)
            status, answer, times = ask("/_search/scroll", {"scroll": "10s", "scroll_id": answer["_scroll_id"]})

    def points_in_time(self, rng, ask, track):
        status, answer, times = ask(f"/{replicas.INDEX}/_search/point_in_time?keep_alive=10s", None)
        if not self.note(track, status, answer, times, False, "pit") or status != 200:
            return
        for _ in range(3):
            time.sleep(rng.random() * 0.1)
            status, found, times = ask("/_search", {"size": 100, "pit": {"id": answer["pit_id"]}})
            if not self.note(track, status, found, times, True, "pit search"):
                return

    # --- faults
    def disturb(self, rng):
        kind = rng.choice(self.plan.faults)
        self.counts[f"fault {kind}"] += 1
        getattr(self, f"fault_{kind}")(rng, rng.choice(self.fleet.replicas))

    def fault_kill(self, rng, replica):
        replica.kill()
        time.sleep(rng.random() * replicas.LEASE)
        replica.start()

    def fault_pause(self, rng, replica):
        replica.pause()
        time.sleep(replicas.LEASE * (0.5 + rng.random()))
        replica.wake()

    def fault_hang(self, rng, replica):
        replica.relay.cut("hang")
        time.sleep(replicas.LEASE * (0.5 + rng.random()))
        replica.relay.mend()

    def fault_drop(self, rng, replica):
        replica.relay.cut("drop")
        time.sleep(replicas.LEASE * (0.5 + rng.random()))
        replica.relay.mend()

    def fault_database(self, rng, replica):
        self.fleet.postgresql.restart(rng.choice(["fast", "immediate"]))

    def fault_clock(self, rng, replica):
        """The time of day of one replica jumps by hours; it stays so until the next jump."""
        replica.clock.write_text(f"{rng.choice('+-')}{rng.randrange(36_000)}\n")

    # --- all of it
    def run(self, patience):
        def guarded(work, *words):
            try:
                work(*words)
            except Exception as error:  # a thread that ends early would make an easy history
                self.errors.append((work.__name__, repr(error)))
                self.over.set()

        jobs = [(self.write, number) for number in range(self.plan.writers)] + [(self.read, number) for number in range(self.plan.readers)]
        threads = [threading.Thread(target=guarded, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        # Here, and not in a thread that ends: what a thread has started is killed with it.
        deadline = time.monotonic() + patience
        rng = random.Random(f"{self.seed} faults")
        while not self.over.wait(self.plan.fault_every * (0.5 + rng.random())):
            if time.monotonic() > deadline:
                self.errors.append(("the history did not come to its end in time", self.changes, len(self.reads)))
                self.over.set()
            elif self.plan.faults:
                guarded(self.disturb, rng)
        for thread in threads:
            thread.join()
        return check.violations(self.tracks, self.reads)


FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


class SlowFleet(replicas.Fleet):
    """Its replicas reach a cluster that takes its time, and their clocks can be set."""

    def __init__(self, folder, postgresql, upstream, count, clocks=True, **more):
        self.slow_port = nodes.free_port()
        self.slow = subprocess.Popen([nodes.SUPPORT / "slow_relay", str(self.slow_port), str(upstream.port), *SLOW])
        self.clocks = clocks
        nodes.until(lambda: self.reachable())
        super().__init__(folder, postgresql, f"http://127.0.0.1:{self.slow_port}", count, **more)

    def reachable(self):
        try:
            http.client.HTTPConnection("127.0.0.1", self.slow_port, timeout=5).connect()
            return True
        except OSError:
            return False

    def add(self, **more):
        if self.clocks:
            clock = self.folder / f"clock-{len(self.replicas)}"
            clock.parent.mkdir(parents=True, exist_ok=True)
            clock.write_text("+0\n")
            more["env"] = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
                           "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        replica = super().add(**more)
        if self.clocks:
            replica.clock = clock
        return replica

    def stop(self):
        super().stop()
        self.slow.kill()
        self.slow.wait()
