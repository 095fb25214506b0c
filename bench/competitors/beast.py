"""See beast.cc."""
from peer import CppPeer


class Beast(CppPeer):
    name, title, kind = "beast", "Beast, passes on", "passes"


PEER = Beast()
