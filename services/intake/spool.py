"""Where a held file waits: its approved columns as texts, block by block, in $MIMAMORI_HOME/spool (0600)."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl


def folder_of(home: Path, batch: int) -> Path:
    """The folder of one held file."""
    return home / "spool" / f"batch-{batch}"


def write_blocks(folder: Path, blocks: Iterable[pl.DataFrame]) -> None:
    """Write the blocks in order; the folder must be new."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    for number, block in enumerate(blocks):
        path = folder / f"{number:06d}.arrow"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            block.write_ipc(file)
            file.flush()
            os.fsync(file.fileno())


def read_blocks(folder: Path) -> Iterator[pl.DataFrame]:
    """The blocks as they were written."""
    for path in sorted(folder.glob("*.arrow")):
        yield pl.read_ipc(path)


def clear(folder: Path) -> None:
    """Remove what is no longer waited for."""
    shutil.rmtree(folder, ignore_errors=True)


def clear_strays(home: Path, waiting: set[str]) -> None:
    """Remove folders that no held file names: a process was killed between writing one and saying so."""
    for folder in (home / "spool").glob("batch-*"):
        if folder.name not in waiting:
            clear(folder)
