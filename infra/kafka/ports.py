"""Ports on 127.0.0.1 that stay free for a server, also while it is down."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from itertools import islice
from pathlib import Path

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 15_000  # below it live the well-known ones


def free_ports(count: int) -> list[int]:
    """Distinct ports that nothing listens on, below those that the kernel gives to connections.

    A client that asks again and again for a killed server's port would some day be given that very port for its own
    end: it would be connected to itself, and the server could not come back.

    No other process of this user gets one of them from here as long as this one lives: between the choice of a port and
    a server's listening on it lie seconds.
    """
    highest = int(RANGE.read_text().split()[0])
    candidates = random.sample(range(LOWEST, highest), k=highest - LOWEST)
    return list(islice(filter(_reserve, candidates), count))


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: past connections do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_reserved: set[int] = set()  # by this process, whose own locks do not keep it out


def _reserve(port: int) -> bool:
    """Take the port for this process; False where another has it, or something listens there."""
    if port in _reserved:
        return False
    try:
        fcntl.lockf(_register(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _reserved.add(port)
    return is_free(port)


@cache
def _register() -> int:
    """A file in which a locked byte is a port that is taken; the kernel frees what an ended process has locked."""
    path = Path(tempfile.gettempdir()) / f"mimamori-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
