"""Files that processes agree on: created whole, once, whoever comes first, or replaced whole."""

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
            _write(aside, text.encode("utf-8"), mode, lasting=True)
            os.link(aside, path)
        except FileExistsError:
            pass  # another process was first: its content counts
        finally:
            aside.unlink(missing_ok=True)
        sync_folder(path.parent)
    return path.read_text(encoding="utf-8")


def replace(path: Path, content: bytes, *, mode: int = 0o644, lasting: bool = True) -> None:
    """Put `content` in the place of `path`, whole or not at all; folders above it are made.

    lasting: it survives a power cut from here on; False for what can be derived again
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write(aside, content, mode, lasting=lasting)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    if lasting:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and links in `folder` last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, content: bytes, mode: int, *, lasting: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        if lasting:
            os.fsync(file.fileno())
