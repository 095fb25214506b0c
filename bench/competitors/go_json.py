"""See go/main.go."""
from peer import CACHE, COMPETITORS, Peer, need_program, run_quietly


class GoJson(Peer):
    name, title, kind = "go_json", "Go reverse proxy + encoding/json, rewrites", "rewrites"

    def prepare(self):
        run_quietly([need_program("go"), "build", "-buildvcs=false", "-o", CACHE / "peer_go", "."], cwd=COMPETITORS / "go")

    def command(self, port, upstream, folder):
        return [CACHE / "peer_go", port, upstream]


PEER = GoJson()
