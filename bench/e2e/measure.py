"""Measurements of one running peer. Times are of the scheduler; nothing here judges."""
import contextlib
import json
import os
import pathlib
import resource
import subprocess
import time

import workloads as bodies
from peer import BUILD, Missing, end_with_parent, free_port, need_program, wait_for_listener

ATTACH_SECONDS = 30
OPEN_LOOP_RATE = 1500


class Failed(Exception):
    """The peer did not answer as it has to."""


class Ground:
    """The cores, the upstream and the folder of a run. The proxy has the first core for itself, load generator and upstream the others."""

    def __init__(self, folder):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a thousand connections, and what is started here inherits it
        cores = sorted(os.sched_getaffinity(0))
        self.folder = folder
        self.proxy_cores, self.other_cores, self.all_cores = cores[:1], cores[1:] or cores, cores
        self.answers = {name: json.loads(data) for name, data in bodies.answers().items()}
        self.upstream_port = free_port()
        self.upstream = subprocess.Popen(self.beside(BUILD / "bench" / "bench_upstream", self.upstream_port, bodies.write_rules(folder)),
                                         preexec_fn=end_with_parent)
        wait_for_listener(self.upstream, self.upstream_port)

    def beside(self, *words):
        return ["taskset", "-c", ",".join(map(str, self.other_cores)), *map(str, words)]

    def load_words(self, running, workload, **options):
        """The command of the load generator; `options` are its own."""
        stem = self.folder / f"{workload.name}-{running.port}"
        heads, body = stem.with_suffix(".heads"), self.folder / f"{workload.name}.body"
        if not heads.exists():
            heads.write_bytes(b"".join(workload.head(token) for token in running.tokens))
            body.write_bytes(workload.body)
        options = {"connections": workload.connections} | options
        return self.beside(BUILD / "bench" / "bench_load", "--port", running.port, "--heads", heads, "--body", body,
                           *(word for name, value in options.items() for word in (f"--{name}", value)))

    def load(self, running, workload, **options):
        """Runs the load generator to its end; its results and the processor time that the peer had meanwhile."""
        before = running.cpu_seconds()
        done = subprocess.run(self.load_words(running, workload, **options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        spent = running.cpu_seconds() - before
        result = json.loads(done.stdout or "{}")
        if done.returncode != 0 or not result.get("requests"):
            raise Failed(f"{workload.name}: {done.stdout.strip()} {done.stderr.strip()} {running.log()[-200:]}")
        result["cpu_us"] = 1e6 * spent / result["requests"]
        result["rps"] = result["requests"] / result["seconds"]
        return result

    def stop(self):
        self.upstream.kill()
        self.upstream.wait()


def system_calls(ground, running, workload, requests=200):
    """System calls of all threads for each request on one kept-alive connection: {name: calls}."""
    ground.load(running, workload, connections=1, requests=20)
    out = ground.folder / "strace"
    words = [need_program("strace"), "-f", "-c", "-U", "calls,name", "-o", out, *(word for pid in running.pids() for word in ("-p", str(pid)))]
    tracer = subprocess.Popen([*map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=end_with_parent)
    try:
        wait_until_traced(running, tracer)
        ground.load(running, workload, connections=1, requests=requests)
    finally:
        if tracer.poll() is None:
            tracer.send_signal(2)
        tracer.wait(30)
    rows = (line.split() for line in pathlib.Path(out).read_text().splitlines())
    return {row[1]: int(row[0]) / requests for row in rows if len(row) == 2 and row[0].isdigit() and row[1] != "total"}


def wait_until_traced(running, tracer):
    deadline = time.monotonic() + ATTACH_SECONDS
    while True:
        tasks = [task for pid in running.pids() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
        if all("TracerPid:\t0" not in (task / "status").read_text() for task in tasks):
            return
        if tracer.poll() is not None or time.monotonic() > deadline:
            raise Missing(f"strace cannot attach: {tracer.stderr.read().decode()[-200:]}")
        time.sleep(0.02)


def memory(ground, peer, loads, number):
    """Resident MiB of fresh processes: {what: MiB}."""
    out = {}
    with started(ground, peer, f"memory-{number}") as running:
        for name, options in (("search_16k", {"seconds": 1.5}), ("mixed_2m", {"connections": 4, "requests": 40})):
            ground.load(running, loads[name], **options)
            out[f"mib/{name}"] = running.resident_mib()
            out[f"own_mib/{name}"] = running.resident_mib("RssAnon")
    with started(ground, peer, f"idle-{number}") as running:
        ground.load(running, loads["search_1k"], requests=2000)
        before = running.resident_mib()
        words = ground.load_words(running, loads["search_1k"], connections=1000, requests=1000)
        with subprocess.Popen([*words, "--hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            holder.stdout.readline()
            out["mib/idle_1000"] = running.resident_mib() - before
            holder.stdin.close()
    return out


@contextlib.contextmanager
def started(ground, peer, name):
    running = peer.start(ground.upstream_port, ground.folder / name, ground.proxy_cores)
    try:
        yield running
    finally:
        running.stop()
