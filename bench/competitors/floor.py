"""The least a gate could do, without deciding anything."""
from peer import CppPeer


class Floor(CppPeer):
    name, title, kind = "floor", "floor: framing, every JSON value checked, splice", "rewrites"


PEER = Floor()
