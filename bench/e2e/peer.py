"""What a peer is: a program between the load generator and the upstream. A file in bench/competitors that defines PEER adds one."""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COMPETITORS = ROOT / "bench" / "competitors"
BUILD = ROOT / "build" / os.environ.get("WEIR_BENCH_PRESET", "release")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "weir" / "bench"
START_SECONDS = 60

sys.path.insert(0, str(ROOT / "tests" / "support"))
from ports import free_port  # noqa: E402


class Missing(Exception):
    """The peer cannot be had on this machine; the text says why."""


def need_program(*names):
    """The path of the first program of these that is there."""
    for name in names:
        path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/go/bin:/usr/lib/go/bin")
        if path:
            return path
    raise Missing(f"{names[0]} is not installed (tests/support/setup bench)")


def run_quietly(words, **more):
    """Runs a build step; its output is the reason if it fails."""
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode != 0:
        raise Missing(f"`{' '.join(map(str, words[:4]))} …` failed: {' '.join(done.stdout.split())[-300:]}")
    return done.stdout


class Peer:
    """`kind` is "bytes" (does not know HTTP), "passes" (forwards) or "rewrites" (puts the filter in)."""

    name = title = kind = ""
    has_tokens = False

    def prepare(self):
        """Installs or builds what is needed, once. Raises Missing."""

    def command(self, port, upstream, folder):
        """The words of its command: listens on `port` with one worker thread, forwards to `upstream`, may write into `folder`."""
        raise NotImplementedError

    def environment(self):
        return {}

    def start(self, upstream, folder, cores):
        """Starts it on these cores; returns a Running that accepts connections."""
        port = free_port()
        folder.mkdir(parents=True)
        words = [str(word) for word in self.command(port, upstream, folder)]
        return Running(self, words, port, folder, cores, self.environment()).wait()


class CppPeer(Peer):
    """One of ours: bench/competitors/NAME.cc, built as peer_NAME."""

    def prepare(self):
        run_quietly(["cmake", "--build", BUILD, "--target", f"peer_{self.name}"])

    def command(self, port, upstream, folder):
        return [BUILD / "bench" / f"peer_{self.name}", port, upstream]


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def wait_for_listener(process, port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Missing(f"it ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Missing(f"it does not listen after {START_SECONDS} s")


class Running:
    """A started program. `tokens` are the credentials its clients send."""

    def __init__(self, peer, words, port, folder, cores, environment):
        self.peer, self.port, self.folder = peer, port, folder
        self.tokens = ["0" * 43]
        with open(folder / "log", "ab") as log:
            self.process = subprocess.Popen(["taskset", "-c", ",".join(map(str, cores)), *words], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=folder, preexec_fn=end_with_parent, env=os.environ | environment)

    def wait(self):
        try:
            wait_for_listener(self.process, self.port)
        except Missing as failure:
            reason = f"{failure}: {self.log()[-300:]}"
            self.stop()
            raise Missing(reason) from None
        return self

    def log(self):
        return " ".join((self.folder / "log").read_text(errors="replace").split())

    def pids(self):
        """The process and all below it."""
        found = [self.process.pid]
        for pid in found:
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, task.read_text().split())
        return found

    def cpu_seconds(self):
        """On the processor, user and system, all threads, by the scheduler's own count."""
        total = 0
        for pid in self.pids():
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                try:
                    total += int((task / "schedstat").read_text().split()[0])
                except FileNotFoundError:
                    pass  # a thread that has just ended
        return total / 1e9

    def resident_mib(self, row="VmRSS"):
        """In memory: all of it, or (`RssAnon`) without the pages of files, which are programs and libraries and may be shared."""
        total = 0
        for pid in self.pids():
            lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith(f"{row}:"))
        return total / 1024

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
