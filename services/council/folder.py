"""The report's folder: it appears whole, replaces an earlier report alone, and a kill leaves the old one or the new one.

Beside `out` stand, for as long as a report is being made, `.NAME.unfinished` (the new report) and `.NAME.replaced` (the old one,
for the moment between two renames). Callers hold a lock, so what is found of either was left by a kill.
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import MimamoriError, UsageError

SUMS = (
    "SHA256SUMS"  # in the form that sha256sum reads; a folder that holds it, and nothing it does not name, is a report
)


@contextmanager
def new_report(out: Path) -> Iterator[Path]:
    """An empty folder to write the report into; it is gone at the end unless `put_in_place` has moved it.

    Raises UsageError where `out` is something else than an earlier report or an empty folder, MimamoriError where the
    file system does not let it be written.
    """
    unfinished = _unfinished(out)
    try:
        _recover(out)
        _require_replaceable(out)
        unfinished.mkdir(parents=True)
        yield unfinished
    except OSError as error:
        raise MimamoriError(
            f"{out} に報告を書けません（{error.strerror}）。空き容量と権限を確かめてください。"
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def seal_folder(folder: Path) -> str:
    """Name every file with its digest in SHA256SUMS; returns the digest of that list, hexadecimal."""
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    (folder / SUMS).write_text(text, "utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def put_in_place(folder: Path, out: Path) -> None:
    """The new report in place of the old. A kill between the renames leaves both whole; the next call puts the old one back."""
    if out.exists():
        out.rename(_replaced(out))
    folder.rename(out)
    shutil.rmtree(_replaced(out), ignore_errors=True)


def _recover(out: Path) -> None:
    """Undo what a kill left behind."""
    shutil.rmtree(_unfinished(out), ignore_errors=True)
    if _replaced(out).exists() and not out.exists():
        _replaced(out).rename(out)
    shutil.rmtree(_replaced(out), ignore_errors=True)


def _require_replaceable(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} はフォルダーではありません。別の場所を指定してください。")
    if out.exists() and not {path.name for path in out.iterdir()} <= _listed(out):
        raise UsageError(f"{out} には報告のほかのファイルがあります。空のフォルダーを指定してください。")


def _listed(out: Path) -> set[str]:
    """The names that the folder's SHA256SUMS lists, and its own; empty where there is none."""
    if not (out / SUMS).is_file():
        return set()
    lines = (out / SUMS).read_text("utf-8", errors="replace").splitlines()
    return {line.partition("  ")[2] for line in lines} | {SUMS}


def _unfinished(out: Path) -> Path:
    return out.with_name(f".{out.name}.unfinished")


def _replaced(out: Path) -> Path:
    return out.with_name(f".{out.name}.replaced")
