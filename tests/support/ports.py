"""Ports for programs under test."""
import random
import socket

PORTS = range(20_000, 30_000)  # below the range the kernel takes for outgoing connections
GIVEN = set()  # ports are drawn by chance, and two that are to differ must


def free_port():
    """A port nobody listens at, another one at every call."""
    while True:
        port = random.choice(PORTS)
        if port in GIVEN:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                GIVEN.add(port)
                return port
            except OSError:
                continue
