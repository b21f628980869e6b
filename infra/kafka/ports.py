"""Ports on 127.0.0.1 that stay free for a server while it is down."""

import random
import socket
from pathlib import Path

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 15_000  # below it live the well-known ones


def free_ports(count: int) -> list[int]:
    """Distinct ports that nothing listens on, below those that the kernel gives to connections.

    A client that asks again and again for a killed server's port would some day be given that very port for its own
    end: it would be connected to itself, and the server could not come back.
    """
    highest = int(RANGE.read_text().split()[0])
    candidates = random.sample(range(LOWEST, highest), k=min(1000, highest - LOWEST))
    free = [port for port in candidates if is_free(port)]
    return free[:count]


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: past connections do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
