"""HAProxy, forwarding on one thread with kept-alive connections both ways."""
from peer import Peer, need_program

CONFIG = """global
  nbthread 1
  maxconn 8192
  tune.bufsize 65536
defaults
  mode http
  timeout client 75s
  timeout server 75s
  timeout connect 3s
  http-reuse always
frontend in
  bind 127.0.0.1:{port}
  default_backend search
backend search
  server one 127.0.0.1:{upstream}
"""


class Haproxy(Peer):
    name, title, kind = "haproxy", "HAProxy, passes on", "passes"

    def prepare(self):
        self.program = need_program("haproxy")

    def command(self, port, upstream, folder):
        (folder / "conf").write_text(CONFIG.format(port=port, upstream=upstream))
        return [self.program, "-db", "-f", folder / "conf"]


PEER = Haproxy()
