"""Promise 3, inside: whoever publishes, whatever is killed or altered, the log has one tree, and signs nothing that is not."""

import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.tlog import root
from models.tlog.checkpoint import Checkpoint, read_checkpoint
from models.tlog.note import read_verifier_key, verified
from models.tlog.tiles import tiles
from services.ledger import checkpoint as publishing
from services.ledger import folder as public
from services.ledger import keys
from services.ledger.checkpoint import publish
from services.ledger.errors import (
    AlteredError,
    CheckpointForgedError,
    EntryMissingError,
    ForkError,
    KeyLostError,
    RolledBackError,
    TileConflictError,
)
from services.ledger.follow import NAME
from services.ledger.tree import leaf_hashes, log_size
from services.platform import background
from services.platform.database import Database
from services.platform.keyfiles import create_key
from tests.logbook import as_superuser, fill, rewrite
from tests.operating import Operator

OpenAt = Callable[[str], Database]


def signed(database: Database) -> Checkpoint:
    """The checkpoint that readers find, its signature verified with the keys beside it."""
    folder = public.of_home(database.settings.home)
    vkeys = [read_verifier_key(line) for line in (folder / "keys").read_text().splitlines()]
    return read_checkpoint(verified((folder / "checkpoint").read_text(), vkeys).text)


def hashes(database: Database) -> list[bytes]:
    with database.connect("auditor") as conn:
        return list(leaf_hashes(conn))


@pytest.mark.parametrize("steps", [[0], [1], [256], [255, 1, 1], [700], [1, 254, 2, 300, 40]])
def test_files_are_those_of_the_tree_however_it_grew(database: Database, steps: list[int]) -> None:
    for step in steps:
        fill(database, step)
        publish(database)
    leaves = hashes(database)
    assert len(leaves) == sum(steps)
    assert signed(database) == publish(database) == Checkpoint("mimamori/log", len(leaves), root(leaves))
    folder = public.of_home(database.settings.home)
    expected = dict(tiles(leaves))
    assert {path: (folder / path).read_bytes() for path in expected} == expected


def test_a_new_log_is_named_by_its_home(database: Database) -> None:
    (database.settings.home / "keys").mkdir()
    (database.settings.home / "keys" / "origin").write_text("example.city/log\n")
    assert publish(database).origin == "example.city/log"
    assert (database.settings.home / "keys" / "log-1.pem").stat().st_mode & 0o777 == 0o600


def test_two_writers_at_once_sign_one_tree(database: Database) -> None:
    def write(number: int) -> list[Checkpoint]:
        found = []
        for _ in range(5):
            fill(database, number)
            found.append(publish(database))
        return found

    with ThreadPoolExecutor(3) as pool:
        found = [one for several in pool.map(write, (1, 3, 70)) for one in several]
    leaves = hashes(database)
    assert all(one.root == root(leaves[: one.size]) for one in found)
    assert signed(database).size == len(leaves) == 370


@pytest.mark.parametrize("before", ["write_new", "write_keys", "write_checkpoint"])
def test_a_writer_killed_anywhere_leaves_no_fork(database: Database, before: str) -> None:
    fill(database, 200)
    first = publish(database)
    fill(database, 100)
    killed = multiprocessing.get_context("fork").Process(target=_publish_and_die, args=(database, before))
    killed.start()
    killed.join(20)
    assert killed.exitcode == -signal.SIGKILL
    fill(database, 10)
    last = publish(database)
    leaves = hashes(database)
    assert (first.root, last) == (root(leaves[:200]), Checkpoint("mimamori/log", 310, root(leaves)))
    assert signed(database) == last
    with database.connect("auditor") as conn:
        for size, over in conn.execute("SELECT size, root FROM ledger.checkpoint"):
            assert over == root(leaves[:size])


def _publish_and_die(database: Database, before: str) -> None:
    setattr(public, before, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    publishing.publish(database)


def test_lost_tiles_are_made_again(database: Database) -> None:
    fill(database, 600)
    publish(database)
    folder = public.of_home(database.settings.home)
    expected = {path: (folder / path).read_bytes() for path in dict(tiles(hashes(database)))}
    for path in expected:
        (folder / path).unlink()
    (folder / "checkpoint").write_bytes(b"")
    publish(database)
    assert {path: (folder / path).read_bytes() for path in expected} == expected
    assert signed(database).size == 600


def test_a_full_tile_that_these_entries_do_not_give_is_left_alone(database: Database) -> None:
    fill(database, 200)
    publish(database)
    fill(database, 100)
    tile = public.of_home(database.settings.home) / "tile/0/000"
    tile.write_bytes(bytes(8192))
    with pytest.raises(TileConflictError):
        publish(database)
    assert tile.read_bytes() == bytes(8192)


@pytest.mark.parametrize("index", [0, 255, 256, 299])
def test_an_entry_altered_under_a_checkpoint_is_named_and_nothing_more_is_signed(
    database: Database, index: int
) -> None:
    fill(database, 300)
    publish(database)
    rewrite(database, index)
    fill(database, 1)
    with pytest.raises(AlteredError) as altered:
        publish(database, whole=True)
    assert (altered.value.index, altered.value.size) == (index, 300)
    assert signed(database).size == 300


def test_a_missing_entry_is_named(database: Database) -> None:
    fill(database, 300)
    publish(database)
    fill(database, 5)
    as_superuser(database, b"DELETE FROM ledger.entry WHERE index = 302")
    with pytest.raises(EntryMissingError) as missing:
        publish(database)
    assert missing.value.index == 302


def test_a_database_rolled_back_behind_its_checkpoint_is_named(database: Database) -> None:
    fill(database, 10)
    publish(database)
    fill(database, 10)
    publish(database)
    as_superuser(database, b"DELETE FROM ledger.checkpoint WHERE size = 20")
    as_superuser(database, b"DELETE FROM ledger.detail WHERE index >= 10")
    as_superuser(database, b"DELETE FROM ledger.entry WHERE index >= 10")
    as_superuser(database, b"UPDATE ledger.head SET size = 10")
    for more in (0, 15):  # also when it has grown past what it had
        fill(database, more)
        with pytest.raises(RolledBackError) as rolled:
            publish(database)
        assert rolled.value.published == 20
    assert signed(database).size == 20


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param(b"UPDATE ledger.head SET size = 19", RolledBackError, id="a head behind the checkpoint"),
        pytest.param(
            b"UPDATE ledger.checkpoint SET root = sha256('')", CheckpointForgedError, id="a checkpoint nobody signed"
        ),
    ],
)
def test_what_contradicts_the_last_checkpoint_is_named(
    database: Database, change: bytes, error: type[Exception]
) -> None:
    fill(database, 20)
    publish(database)
    as_superuser(database, change)
    with pytest.raises(error):
        publish(database)


def test_another_tree_of_the_size_that_was_published_is_a_fork(database: Database) -> None:
    fill(database, 20)
    publish(database)
    with database.connect("ledger") as conn:
        key = keys.signing_keys(conn, database.settings.home)
    other = Checkpoint("mimamori/log", 20, bytes(32))
    (public.of_home(database.settings.home) / "checkpoint").write_text(keys.signed(other.text, other.origin, key))
    with pytest.raises(ForkError):
        publish(database)


def test_a_clock_set_back_changes_no_order(open_at: OpenAt) -> None:
    fill(open_at("2026-09-01T09:00"), 3)
    first = publish(open_at("2026-09-01T09:00"))
    fill(open_at("2020-01-01T09:00"), 3)
    last = publish(open_at("2020-01-01T09:00"), whole=True)
    assert (first.size, last.size) == (3, 6)


@pytest.mark.parametrize("loss", ["gone", "another"])
def test_a_lost_key_shuts_the_log_until_a_new_one_is_made(database: Database, loss: str) -> None:
    fill(database, 3)
    publish(database)
    key = database.settings.home / "keys" / "log-1.pem"
    key.unlink()
    if loss == "another":
        create_key(key)
    fill(database, 3)
    with pytest.raises(KeyLostError):
        publish(database)
    with pytest.raises(KeyLostError):
        keys.rotate(database)
    made = keys.rotate(database, lost=True)
    assert (made.number, made.endorsement) == (2, None)
    assert publish(database).size == 7  # the loss has an entry of its own


def test_a_rotation_overlaps_and_the_old_key_vouches_for_the_new(database: Database) -> None:
    fill(database, 3)
    publish(database)
    home = database.settings.home
    old = read_verifier_key((public.of_home(home) / "keys").read_text().strip())
    made = keys.rotate(database)
    new = read_verifier_key(made.vkey)
    with pytest.raises(keys.OverlapError):
        keys.rotate(database)
    publish(database)
    note = (public.of_home(home) / "checkpoint").read_text()
    assert verified(note, [old]).text == verified(note, [new]).text
    assert keys.endorsed(_vkeys(home)[0], made.vkey, (public.of_home(home) / "endorsements/2").read_text())
    keys.finish_rotation(database)
    assert publish(database).size == 5
    assert len((public.of_home(home) / "checkpoint").read_text().split("\n— ")) == 2
    assert not (home / "keys" / "log-1.pem").exists()
    with pytest.raises(keys.OverlapError):
        keys.finish_rotation(database)


def _vkeys(home: Path) -> list[str]:
    return (public.of_home(home) / "keys").read_text().splitlines()


@pytest.fixture
def follower(database: Database, operator: Operator) -> Iterator[subprocess.Popen[str]]:
    """`mimamori log checkpoint --follow`, running."""
    fill(database, 1)
    process = operator.start("log", "checkpoint", "--follow")
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_an_entry_is_provable_within_a_second_and_sigterm_ends_cleanly(
    database: Database, follower: subprocess.Popen[str]
) -> None:
    checkpoint = public.of_home(database.settings.home) / "checkpoint"
    _wait(checkpoint.exists, 20)
    fill(database, 300)
    _wait(lambda: signed(database).size == 301, 1)
    follower.terminate()
    stdout, stderr = follower.communicate(timeout=10)
    assert (follower.returncode, '"size": 301' in stdout) == (0, True), stderr


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_up_lets_checkpoints_follow_and_down_stops_them(database: Database, operator: Operator) -> None:
    home = database.settings.home
    operator.run("up")
    try:
        _wait((home / "log" / "checkpoint").exists, 20)
        fill(database, 2)
        with database.connect("auditor") as conn:
            size = log_size(conn)
        _wait(lambda: signed(database).size == size, 5)
    finally:
        operator.run("down")
    assert background.find(home, NAME) is None
