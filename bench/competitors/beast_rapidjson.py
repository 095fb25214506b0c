"""See beast_rapidjson.cc."""
from peer import CppPeer


class BeastRapidjson(CppPeer):
    name, title, kind = "beast_rapidjson", "Beast + RapidJSON tree, rewrites", "rewrites"


PEER = BeastRapidjson()
