"""See pingora/src/main.rs."""
from peer import CACHE, COMPETITORS, Peer, need_program, run_quietly


class Pingora(Peer):
    name, title, kind = "pingora", "Rust pingora + raw-value splice, rewrites", "rewrites"

    def prepare(self):
        run_quietly([need_program("cargo"), "build", "--quiet", "--locked", "--release", "--target-dir", CACHE / "pingora"], cwd=COMPETITORS / "pingora")

    def command(self, port, upstream, folder):
        return [CACHE / "pingora" / "release" / "peer", port, upstream]


PEER = Pingora()
