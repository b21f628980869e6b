"""Writes many small files into a new folder: a folder is made once, and other threads write while the caller fetches on."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

AHEAD = 2  # batches waiting to be written; more would only fill the memory

Files = Iterable[tuple[str, bytes]]


class NewFolder:
    """A folder that nobody else writes to. Paths are relative, by `/`. Nothing is synced: what is here can be written again."""

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self._root, self._pool = str(folder), pool
        self._made: set[str] = set()
        self._waiting: list[Future[None]] = []

    def write(self, files: Files) -> None:
        """Write files, soon; raises what an earlier batch ended with."""
        self._waiting.append(self._pool.submit(self._write, files))
        if len(self._waiting) > AHEAD:
            self._waiting.pop(0).result()

    def finish(self) -> None:
        """Wait until all is written."""
        while self._waiting:
            self._waiting.pop(0).result()

    def _write(self, files: Files) -> None:
        for path, content in files:
            parent = path.rpartition("/")[0]
            if parent not in self._made:
                os.makedirs(f"{self._root}/{parent}", exist_ok=True)
                self._made.add(parent)
            descriptor = os.open(f"{self._root}/{path}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                file.write(content)


@contextmanager
def new_folder(folder: Path) -> Iterator[NewFolder]:
    """Everything is written when this ends without an error."""
    with ThreadPoolExecutor(2, "files") as pool:
        written = NewFolder(folder, pool)
        yield written
        written.finish()
