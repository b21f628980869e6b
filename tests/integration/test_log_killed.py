"""Whoever is killed while handing the log out, cosigning it or changing its key: the same command again ends it."""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from services.ledger import export as exporting
from services.ledger import folder as public
from services.ledger import keys, witness
from services.ledger.checkpoint import publish
from services.ledger.export import export
from services.ledger.verify import verify
from services.platform.database import Database
from tests.logbook import fill

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)


def die(*_: object, **__: object) -> None:
    """In the place of a function: the process ends here and does nothing more."""
    os.kill(os.getpid(), signal.SIGKILL)


def remove_half_and_die(folder: Path, **_: object) -> None:
    """In the place of shutil.rmtree."""
    if folder.exists():
        (folder / public.CHECKPOINT).unlink()
        die()


def killed(owner: object, name: str, work: Callable[[], object], *, by: Callable[..., None] = die) -> None:
    """Do the work in a process of its own, which `by` kills where it calls `name`."""

    def run() -> None:
        with patch.object(owner, name, by):
            work()

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL


def test_a_killed_export_is_replaced_by_the_next(database: Database, tmp_path: Path) -> None:
    out = tmp_path / "out"
    fill(database, 300)
    export(database, out)
    fill(database, 3)
    for owner, name, by in (
        (exporting, "_bundles", die),
        (Path, "rename", die),
        (shutil, "rmtree", remove_half_and_die),
    ):
        killed(owner, name, lambda: export(database, out), by=by)
        assert verify(out).ok  # whoever reads meanwhile finds a whole export
    assert export(database, out).checkpoint.size == 303
    assert verify(out).ok
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out"]


def test_a_killed_rotation_is_begun_and_ended_by_the_same_command_again(database: Database) -> None:
    fill(database, 3)
    before = publish(database)
    folder = database.settings.home / "keys"
    killed(keys, "_log", lambda: keys.rotate(database))
    assert publish(database) == before  # one key signs still, and the one that was made waits
    waiting = (folder / "log-2.pem").read_bytes()
    keys.rotate(database)
    assert (folder / "log-2.pem").read_bytes() == waiting
    killed(keys, "_log", lambda: keys.finish_rotation(database))
    assert (folder / "log-1.pem").exists()
    killed(Path, "unlink", lambda: keys.finish_rotation(database))
    assert keys.finish_rotation(database).number == 2
    assert not (folder / "log-1.pem").exists()
    assert publish(database).size == 5  # each of the two steps is in the log once


def test_a_witness_killed_while_cosigning_remembers_what_it_had(database: Database, tmp_path: Path) -> None:
    out, council, key = tmp_path / "out", tmp_path / "council", tmp_path / "council.pem"
    fill(database, 3)
    export(database, out)
    witness.init(council, key, out, name="example/council")
    witness.cosign(council, key, out, NOW)
    fill(database, 3)
    export(database, out)
    before = (council / "checkpoint").read_bytes()
    for owner, name in ((witness, "replace"), (Path, "replace")):
        killed(owner, name, lambda: witness.cosign(council, key, out, NOW))
        assert (council / "checkpoint").read_bytes() == before
    cosigned = witness.cosign(council, key, out, NOW)
    assert (cosigned.seen, cosigned.checkpoint.size) == (3, 6)
