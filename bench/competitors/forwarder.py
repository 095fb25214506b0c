"""The physical floor of Asio: carries bytes without looking at them."""
from peer import CppPeer


class Forwarder(CppPeer):
    name, title, kind = "forwarder", "Asio, carries bytes (no HTTP)", "bytes"


PEER = Forwarder()
