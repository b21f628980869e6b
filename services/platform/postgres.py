"""The embedded PostgreSQL server of a home: made, started, stopped, and brought back after any kill."""

import fcntl
import os
import pwd
import secrets
import shlex
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import MimamoriError
from services.platform.cluster import SOCKET_NAME, Cluster, binaries, find_cluster, place_cluster
from services.platform.files import sync_folder

START_SECONDS = 300  # recovery after a kill replays up to max_wal_size
RETRY_SECONDS = 30  # children of a killed server, or its zombie, may linger this long

# Messages below LOG would carry values of rows (a failed insert names them), so the log has none.
CONFIGURATION = """\
listen_addresses = ''
max_connections = 200
password_encryption = 'scram-sha-256'
shared_buffers = '128MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
effective_cache_size = '1GB'
dynamic_shared_memory_type = 'mmap'
max_wal_size = '4GB'
wal_compression = on
checkpoint_timeout = '15min'
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, ymd'
log_checkpoints = off
log_min_messages = 'log'
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
"""

# The superuser is known by its operating-system user alone, every other role by its password alone.
CLIENTS = """\
local all postgres peer map=administrators
local all all scram-sha-256
"""


# The built-in locale gives the same order and the same letters on every machine.
INITDB = ("-U", "postgres", "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server: clients connect through the socket in `socket_dir`; `bin_dir` holds psql and pg_dump's kin."""

    socket_dir: Path
    bin_dir: Path


def ensure_running(home: Path) -> EmbeddedServer:
    """Start the server of this home, making its cluster first where there is none; do nothing if it runs."""
    with _locked(home):
        cluster = find_cluster(home) or _create(home)
        programs = binaries(cluster)
        _start(cluster, programs)
        return EmbeddedServer(cluster.socket, programs)


def exists(home: Path) -> bool:
    """Whether this home has a cluster, running or not."""
    return find_cluster(home) is not None


def is_running(home: Path) -> bool:
    """Whether the server of this home runs."""
    cluster = find_cluster(home)
    return cluster is not None and _alive(cluster)


def stop(home: Path) -> None:
    """Stop the server; open connections are cut, their transactions rolled back. Nothing happens where none runs."""
    if find_cluster(home) is None:
        return
    with _locked(home):
        cluster = find_cluster(home)
        if cluster is None or not _alive(cluster):
            return
        done = cluster.run([binaries(cluster) / "pg_ctl", "stop", "-D", cluster.data, "-m", "fast", "-w", "-t", "60"])
        if done.returncode != 0:
            raise MimamoriError(f"内蔵データベースを止められませんでした。{cluster.log} を確かめてください。")


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One process at a time makes, starts or stops; the kernel frees the lock of a killed one."""
    home.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(home / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        raise MimamoriError(f"{home} に書き込めません。持ち主のOSユーザーで実行してください。") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _create(home: Path) -> Cluster:
    """Make the cluster aside and rename it, so that a data folder is either whole or absent.

    A killed attempt may still have its initdb at work, so each attempt has a folder of its own.
    """
    cluster = place_cluster(home)
    fresh = cluster.folder / f"data.new-{secrets.token_hex(4)}"
    cluster.make_folder(fresh)
    made = cluster.run([binaries(cluster) / "initdb", *INITDB, "-D", fresh])
    if made.returncode != 0:
        raise MimamoriError(f"内蔵データベースを作れませんでした: {made.stderr.strip()}")
    fresh.rename(cluster.data)
    sync_folder(cluster.folder)
    return cluster


def _start(cluster: Cluster, programs: Path) -> None:
    if not _alive(cluster):
        for unfinished in cluster.folder.glob("data.new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)  # its initdb may still write: then the next start removes it
        _configure(cluster)
        _launch(cluster, programs)
    _await_ready(cluster)


def _launch(cluster: Cluster, programs: Path) -> None:
    """Start the server unless it appears meanwhile: a killed process of ours may have left its pg_ctl behind."""
    cluster.make_folder(cluster.socket)
    options = shlex.join(f"--{name}={value}" for name, value in _start_options(cluster).items())
    command: list[str | Path] = [
        programs / "pg_ctl",
        "start",
        "-w",
        "-t",
        str(START_SECONDS),
        "-D",
        cluster.data,
        "-l",
        cluster.log,
    ]
    deadline = time.monotonic() + RETRY_SECONDS
    while not _alive(cluster):
        _clear_remains(cluster)
        if cluster.run([*command, "-o", options]).returncode == 0:
            return
        if time.monotonic() > deadline:
            raise MimamoriError(f"内蔵データベースを起動できませんでした。{cluster.log} を確かめてください。")
        time.sleep(0.3)


def _start_options(cluster: Cluster) -> dict[str, str]:
    """What depends on where the home lies, given at each start: a home may be moved."""
    quoted_socket = str(cluster.socket).replace('"', '""')  # the setting is a list with commas
    return {
        "config_file": str(cluster.folder / "postgresql.conf"),
        "hba_file": str(cluster.folder / "pg_hba.conf"),
        "ident_file": str(cluster.folder / "pg_ident.conf"),
        "unix_socket_directories": f'"{quoted_socket}"',
    }


def _configure(cluster: Cluster) -> None:
    """Write the configuration anew at each start: beside the data, where the server's user cannot change it."""
    administrators = dict.fromkeys(["root", pwd.getpwuid(os.geteuid()).pw_name])
    files = {
        "postgresql.conf": CONFIGURATION,
        "pg_hba.conf": CLIENTS,
        "pg_ident.conf": "".join(f'administrators "{user}" postgres\n' for user in administrators),
    }
    for name, text in files.items():
        path = cluster.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)


def _postmaster(cluster: Cluster) -> list[str]:
    """The lines of the server's pid file; empty where there is none."""
    try:
        return (cluster.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _alive(cluster: Cluster) -> bool:
    """Whether the process in the pid file is this cluster's server, and not a zombie or a later process of that number."""
    lines = _postmaster(cluster)
    if not lines or not lines[0].lstrip("-").isdigit():
        return False
    process = Path("/proc") / lines[0]
    try:
        state = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        return state not in "ZX" and (process / "cwd").resolve() == cluster.data
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False


def _await_ready(cluster: Cluster) -> None:
    """Wait for a server that a killed starter left starting; line 8 of the pid file tells."""
    deadline = time.monotonic() + START_SECONDS
    while (lines := _postmaster(cluster)) and not (len(lines) > 7 and lines[7].strip() == "ready"):
        if time.monotonic() > deadline or not _alive(cluster):
            raise MimamoriError(f"内蔵データベースが応答しません。{cluster.log} を確かめてください。")
        time.sleep(0.05)


def _clear_remains(cluster: Cluster) -> None:
    """Remove the lock files of a killed server: PostgreSQL takes a zombie, or a later process of its number, for alive."""
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    (cluster.socket / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
