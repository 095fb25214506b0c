"""Ends the program with SIGKILL at random points of many changes, starts it again, and looks whether every change that was answered is
there. One that was not answered may be there or not."""
import collections
import random
import threading
import time

import nodes
from recorder import TOKENS, Door

KILLS = 3  # at least, however many changes come between two of them


class Object:
    """A token as one writer left it. `maybe`: what it may be as well, because the last change was not answered."""

    def __init__(self, identity, filters):
        self.id, self.filters, self.maybe = identity, filters, []


class Kills:
    def __init__(self, weir, changes, seed=1, writers=4, settle=0.0):
        # The first change after a kill waits for the lease of the one that was killed: `settle` seconds.
        self.weir, self.wanted, self.seed, self.writers, self.settle = weir, changes, seed, writers, settle
        self.counts, self.lost, self.answered, self.lock = collections.Counter(), [], 0, threading.Lock()
        self.filters = [weir.create_filter("team", f"s{number}") for number in range(6)]
        self.objects = [[] for _ in range(writers)]
        self.deleted = [[] for _ in range(writers)]

    def run(self):
        rng = random.Random(f"{self.seed} kills")
        while self.answered < self.wanted or self.counts["kill"] < KILLS:
            stop = threading.Event()
            threads = [threading.Thread(target=self.write, args=(number, stop)) for number in range(self.writers)]
            for thread in threads:
                thread.start()
            time.sleep(self.settle + rng.random() * 0.25)
            self.weir.kill()
            stop.set()
            for thread in threads:
                thread.join()
            self.counts["kill"] += 1
            self.weir.start()
            self.look()
        return self.lost

    def write(self, number, stop):
        rng = random.Random(f"{self.seed} {number} {self.counts['kill']}")
        door = Door(self.weir.admin_port, {"X-API-TOKEN": nodes.API_TOKEN})
        mine = self.objects[number]
        while not stop.is_set():
            kind = rng.choice(["create", "update", "update", "delete"]) if len(mine) > 3 else "create"
            chosen = sorted(rng.sample(self.filters, rng.choice([1, 2])))
            if kind == "create":
                status, answer, *_ = door.ask("POST", TOKENS, {"tokenName": f"writer {number}", "filters": chosen})
                if status == 200:
                    mine.append(Object(answer["id"], chosen))
            else:
                one = mine.pop(rng.randrange(len(mine)))
                if kind == "update":
                    one.maybe.append(chosen)
                    status, *_ = door.ask("PUT", f"{TOKENS}/{one.id}", {"filters": chosen})
                    if status == 200:
                        one.filters, one.maybe = chosen, []
                    mine.append(one)
                else:
                    status, *_ = door.ask("DELETE", f"{TOKENS}/{one.id}")
                    if status == 204:
                        self.deleted[number].append(one.id)
                    else:
                        one.maybe.append(None)
                        mine.append(one)
            self.note(kind, status)

    def note(self, kind, status):
        with self.lock:
            self.counts[f"{kind} {status}"] += 1
            self.answered += status in (200, 204)

    def look(self):
        there = {row["id"]: sorted(row["filters"]) for row in self.weir.admin.json("GET", TOKENS)}
        for mine, deleted in zip(self.objects, self.deleted):
            for one in list(mine):
                found = there.get(one.id)
                if found != one.filters and found not in one.maybe:
                    self.lost.append((one.id, "expected", one.filters, "or", list(one.maybe), "found", found))
                if found is None:
                    mine.remove(one)
                else:
                    one.filters, one.maybe = found, []
            self.lost += [(identity, "is deleted and there") for identity in deleted if identity in there]
            deleted.clear()
