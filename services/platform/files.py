"""Files that processes agree on: created whole, once, whoever comes first."""

import os
import secrets
from pathlib import Path


def create_once(path: Path, text: str, *, mode: int = 0o600) -> str:
    """Write `text` to `path` unless it exists; return what the file holds. Of two at once, both get the same.

    The file appears complete or not at all, also when the process is killed: written aside, then linked.
    """
    if not path.exists():
        aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            _write_synced(aside, text, mode)
            os.link(aside, path)
        except FileExistsError:
            pass  # another process was first: its content counts
        finally:
            aside.unlink(missing_ok=True)
        sync_folder(path.parent)
    return path.read_text(encoding="utf-8")


def sync_folder(folder: Path) -> None:
    """Make renames and links in `folder` last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_synced(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
