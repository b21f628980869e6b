"""Writes the log as static files that any tlog client verifies with no service of ours."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection

from models.tlog.checkpoint import Checkpoint, read_checkpoint
from models.tlog.note import split_note
from models.tlog.tiles import WIDTH, bundle_path
from schemas.errors import MimamoriError, UsageError
from services.ledger import folder as public
from services.ledger.bulk_files import new_folder
from services.ledger.checkpoint import publish
from services.ledger.cosigned import kept_note, with_cosignatures
from services.ledger.errors import LogError
from services.ledger.keys import public_keys
from services.ledger.tree import SQL, chunks, edge_paths, full_paths
from services.platform.database import Database


class NothingPublishedError(MimamoriError):
    """公開できるチェックポイントがまだありません。"""


@dataclass(frozen=True)
class Export:
    """What was written. refused: why no newer checkpoint could be signed; None where this is the log as it stands."""

    checkpoint: Checkpoint
    refused: LogError | None


def export(database: Database, out: Path) -> Export:
    """Write tiles, entries, checkpoint, what witnesses cosigned, and public keys to `out`, in place of an earlier export.

    Where the log may sign nothing more, its last checkpoint goes out with the entries as they are now, so that `verify` of
    the folder shows what was changed: an export hides nothing.
    """
    _require_replaceable(out)
    refused = _refusal(database)
    home = public.of_home(database.settings.home)
    unfinished, replaced = (out.with_name(f".{out.name}.{what}") for what in ("unfinished", "replaced"))
    try:
        _remove(unfinished, replaced)
        with database.connect("auditor") as conn:
            checkpoint = _write(conn, home, unfinished)
        if out.exists():
            out.rename(replaced)  # at once: half an export, left by a kill, is none, and would not be replaced
        unfinished.rename(out)
    finally:
        _remove(unfinished, replaced)
    return Export(checkpoint, refused)


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _refusal(database: Database) -> LogError | None:
    try:
        publish(database)
    except LogError as error:
        return error
    return None


def _write(conn: Connection[Any], home: Path, out: Path) -> Checkpoint:
    """Fill the folder `out`. The note is taken as it stands, also one that the log did not sign: `verify` says so."""
    row = conn.execute(SQL["last_checkpoint"]).fetchone()
    if row is None:
        raise NothingPublishedError
    cosigned = kept_note(home)
    note = with_cosignatures(str(row[2]), cosigned)
    checkpoint = read_checkpoint(split_note(note)[0])
    with new_folder(out) as folder:
        folder.write(_tiles(home, checkpoint.size))
        for first, end in chunks(0, checkpoint.size):
            folder.write(_bundles(conn, first, end, checkpoint.size))
    public.write_keys(out, public_keys(conn))
    if cosigned is not None:
        (out / public.COSIGNED).write_text(cosigned, "utf-8")
    (out / public.CHECKPOINT).write_text(note, "utf-8")
    return checkpoint


def _bundles(conn: Connection[Any], first: int, end: int, size: int) -> list[tuple[str, bytes]]:
    """Entries first … end - 1 as the database has them now, 256 a file."""
    rows = conn.execute(SQL["bundles"], {"a": first, "b": end}, binary=True)
    return [(bundle_path(n, min(WIDTH, size - n * WIDTH)), bundle) for n, bundle in rows]


def _tiles(home: Path, size: int) -> Iterator[tuple[str, bytes]]:
    """The home's tiles; one that is missing is missing in the export too, which `verify` names."""
    for path in (*full_paths(size), *filter(None, edge_paths(size))):
        tile = public.read(home, path)
        if tile is not None:
            yield path, tile


def _require_replaceable(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} はフォルダーではありません。別の場所を指定してください。")
    if out.exists() and any(out.iterdir()) and not (out / public.CHECKPOINT).is_file():
        raise UsageError(f"{out} にはログの書き出しのほかのファイルがあります。空のフォルダーを指定してください。")
    out.parent.mkdir(parents=True, exist_ok=True)
