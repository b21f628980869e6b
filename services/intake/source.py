"""Open a file as one stream of bytes, plain or out of a ZIP, never more than the limits."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from services.intake.errors import FileRefusedError

CHUNK = 4 << 20  # bytes read at once
MOST_UNPACKED = 2 << 30  # bytes that a ZIP may unpack to
MOST_RATIO = 100  # unpacked : packed, beyond FREE; text of this kind packs about 5 to 40 times
FREE = 32 << 20  # bytes that may be unpacked whatever the ratio


def digest_of(path: Path) -> bytes:
    """SHA-256 of the file as it lies there."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


@contextmanager
def chunks_of(path: Path) -> Iterator[Iterator[bytes]]:
    """The file's bytes, chunk by chunk; of a ZIP those of its one file."""
    if path.suffix.lower() == ".zip":
        with _member(path) as chunks:
            yield chunks
    else:
        with path.open("rb") as file:
            yield iter(lambda: file.read(CHUNK), b"")


@contextmanager
def _member(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            info = _only_member(archive, path)
            with archive.open(info) as file:
                yield _counted(file, info, path)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # RuntimeError: it wants a password
        raise FileRefusedError(
            "ZIP", path.name, "ZIP として開けません。暗号なしの ZIP に CSV を一つ入れて、作り直してください。"
        ) from error


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    files = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")]
    if len(files) != 1:
        raise FileRefusedError(
            "ZIP", path.name, f"ZIP の中のファイルが{len(files)}個です。CSV を一つだけ入れてください。"
        )
    return files[0]


def _counted(file: IO[bytes], info: zipfile.ZipInfo, path: Path) -> Iterator[bytes]:
    """The member's chunks, counted as they are unpacked: the sizes that a ZIP states may be false."""
    total = 0
    while chunk := file.read(CHUNK):
        total += len(chunk)
        if total > MOST_UNPACKED or total > max(FREE, MOST_RATIO * info.compress_size):
            raise FileRefusedError(
                "ZIP_BOMB", path.name, "ZIP の展開後の大きさが上限を超えます。中身を確かめ、CSV のまま渡してください。"
            )
        yield chunk
