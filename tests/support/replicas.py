"""Several replicas over one PostgreSQL, each with a relay of its own in between, and documents that tell through which filter they
were seen."""
import os
import pathlib
import shutil
import signal

import nodes
import postgres

INDEX = "logs-fleet"
STATES, COPIES = 6, 4
LEASE = 1.5



def load(opensearch):
    """Documents of `team` s0 to s5, some of each."""
    documents = {f"{state}-{copy}": {"team": f"s{state}", "copy": copy} for state in range(STATES) for copy in range(COPIES)}
    opensearch.index(INDEX, documents, {"properties": {"team": {"type": "keyword"}, "copy": {"type": "integer"}}})


class Replica(nodes.Weir):
    """One replica, reaching its database through a relay of its own."""

    def __init__(self, folder, upstream, database, target, **more):
        self.relay = postgres.Relay(target)
        more.setdefault("indices", ["logs-*"])
        super().__init__(folder, upstream, store=self.relay.url(database), **more)
        self.flags += ["--store-lease", f"{round(LEASE * 1000)}ms", "--store-timeout", "2s"]


    def pause(self):
        """Returns when every thread stands still: the kernel takes its time, and until then they answer."""
        pid = self.process.pid
        os.kill(pid, signal.SIGSTOP)
        nodes.until(lambda: all(task.read_text().rpartition(")")[2].split()[0] == "T"
                                for task in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")))

    def wake(self):
        os.kill(self.process.pid, signal.SIGCONT)


class Fleet:
    def __init__(self, folder, postgresql, upstream, count, **more):
        self.postgresql, self.database = postgresql, postgresql.database()
        self.folder, self.upstream, self.replicas = folder, upstream, []
        for _ in range(count):
            self.add(**more)

    def add(self, **more):
        replica = Replica(self.folder / f"replica-{len(self.replicas)}", self.upstream, self.database, self.postgresql.port, **more)
        if self.replicas:  # one key file for all
            (replica.folder / "data").mkdir(parents=True)
            shutil.copy(self.replicas[0].folder / "data" / "keys", replica.folder / "data" / "keys")
        self.replicas.append(replica)
        replica.start()
        return replica

    def __getitem__(self, number):
        return self.replicas[number]

    def sql(self, text):
        return self.postgresql.sql(self.database, text)

    def stop(self):
        for replica in self.replicas:
            replica.relay.mend()
            replica.stop()
            replica.relay.close()


def seen(answer):
    """The teams of an answer's documents."""
    assert answer.status_code == 200, answer.text
    return {hit["_source"]["team"] for hit in answer.json()["hits"]["hits"]}


def search(replica, token, **body):
    return replica.as_holder(token).request("POST", f"/{INDEX}/_search", {"size": 100, **body})
