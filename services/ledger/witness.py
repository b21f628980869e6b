"""The council's witness: cosigns a checkpoint only where it extends the last one it saw. Works on an exported folder alone.

Its own folder holds `log` (the log's first key, from which trust begins), `name`, and `checkpoint`, the last one it cosigned,
which is its memory and what it hands back in one file: there is no moment at which one is known without the other.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.tlog import cosignature
from models.tlog.checkpoint import Checkpoint, read_checkpoint
from models.tlog.keys import COSIGNATURE, NoteError, check_name, read_verifier_key, verifier, verifier_key
from models.tlog.note import add_signature, split_note, verified
from schemas.errors import MimamoriError, UsageError
from services.ledger import folder as public
from services.ledger.fault import Fault
from services.ledger.verify import verify
from services.platform.files import create_once, replace
from services.platform.keyfiles import create_key, load_key, public_bytes

LOG, NAME, CHECKPOINT = "log", "name", "checkpoint"


class WitnessRefusedError(MimamoriError):
    """The witness does not cosign.

    seen:   size of the last checkpoint it cosigned; None where it has none
    faults: what is wrong with what it was shown
    """

    def __init__(self, message: str, *, seen: int | None, faults: tuple[Fault, ...] = ()) -> None:
        self.seen, self.faults = seen, faults
        super().__init__(message)


@dataclass(frozen=True)
class Memory:
    """The last checkpoint cosigned. note: with log's and witness's signatures; at: when, in POSIX seconds."""

    checkpoint: Checkpoint
    note: str
    at: int


@dataclass(frozen=True)
class Cosigned:
    """What was cosigned. file: the checkpoint with the cosignature in it."""

    checkpoint: Checkpoint
    seen: int | None
    file: Path


def init(folder: Path, keyfile: Path, export: Path, *, name: str) -> tuple[str, str]:
    """Set up a witness; its own key (made where there is none) and the log's first key, both as text.

    The log's key must reach the council on another way too, and be compared: trust begins with it.
    """
    try:
        check_name(name)
    except NoteError as error:
        raise UsageError(f"証人の名前が使えません（{error}）。") from error
    log_key = public.read_keys(export)[0].vkey
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = create_key(keyfile)
    kept = create_once(folder / LOG, f"{log_key}\n").strip(), create_once(folder / NAME, f"{name}\n").strip()
    if kept != (log_key, name):
        raise UsageError(f"{folder} は別のログか別の名前の証人としてすでに使われています。")
    return verifier_key(name, public_bytes(key), COSIGNATURE), log_key


def cosign(folder: Path, keyfile: Path, shown: Path, now: datetime) -> Cosigned:
    """Cosign the checkpoint of an export, or a checkpoint file of the same tree as the last one.

    shown:  an exported folder, its checkpoint, or a checkpoint alone
    Raises WitnessRefusedError, and changes nothing, where the log is no extension of the last or contradicts itself.
    """
    key = load_key(keyfile)
    with _alone(folder):
        name, log_key = _kept(folder, NAME), _kept(folder, LOG)
        memory = _memory(folder, name, key)
        note = _shown_note(shown, log_key, memory)
        checkpoint = read_checkpoint(split_note(note)[0])
        at = int(now.timestamp())
        if memory is not None and at < memory.at:
            raise WitnessRefusedError(
                "この計算機の時計が、前の副署より前に戻っています。副署しません。", seen=memory.checkpoint.size
            )
        line = cosignature.cosign(checkpoint.text, name, key, at)
        replace(folder / CHECKPOINT, add_signature(note, line).encode())
    return Cosigned(checkpoint, None if memory is None else memory.checkpoint.size, folder / CHECKPOINT)


def _shown_note(shown: Path, log_key: str, memory: Memory | None) -> str:
    """The note that was shown, found to be the log's and an extension of the last."""
    export = shown if shown.is_dir() else shown.parent
    if (export / "tile").is_dir() and (shown.is_dir() or shown.name == public.CHECKPOINT):
        _check_export(export, log_key, memory)
        return (export / public.CHECKPOINT).read_text("utf-8")
    note = None if shown.is_dir() else public.read_note(shown.parent, shown.name)
    if note is None:
        raise UsageError(
            f"{shown} がないか、ログではありません。mimamori log export で書き出したフォルダーを指定してください。"
        )
    _check_alone(note, log_key, memory)
    return note


def _check_export(export: Path, log_key: str, memory: Memory | None) -> None:
    """Verify the whole folder, the log's first key being the one that trust begins with."""
    found = verify(export, against=[] if memory is None else [memory.note], pinned=log_key)
    if found.ok:
        return
    seen = None if memory is None else memory.checkpoint.size
    size = "?" if found.checkpoint is None else found.checkpoint.size
    if any(fault.kind == "NOT_AN_EXTENSION" for fault in found.errors):
        message = f"示された木（大きさ{size}）は、前に副署した木（大きさ{seen}）の続きではありません。副署しません。"
    else:
        kinds = "、".join(sorted({f"{fault.kind}" for fault in found.errors}))
        message = f"示された木（大きさ{size}）の検証に失敗しました（{kinds}）。副署しません。"
    raise WitnessRefusedError(message, seen=seen, faults=tuple(found.errors))


def _check_alone(note: str, log_key: str, memory: Memory | None) -> None:
    """A checkpoint without its tiles shows no extension: it is taken as the first one, or for the tree already seen."""
    seen = None if memory is None else memory.checkpoint.size
    try:
        checkpoint = read_checkpoint(verified(note, [read_verifier_key(log_key)]).text)
    except NoteError as error:
        raise WitnessRefusedError(f"ログの署名を確かめられません（{error}）。副署しません。", seen=seen) from error
    if memory is None or checkpoint == memory.checkpoint:
        return
    if checkpoint.size > memory.checkpoint.size and checkpoint.origin == memory.checkpoint.origin:
        raise UsageError(
            f"前に副署した木（大きさ{seen}）の続きかどうか、チェックポイントだけでは分かりません。書き出したフォルダーを指定してください。"
        )
    raise WitnessRefusedError(
        f"示された木（大きさ{checkpoint.size}）は、前に副署した木（大きさ{seen}）の続きではありません。副署しません。",
        seen=seen,
    )


def _memory(folder: Path, name: str, key: Ed25519PrivateKey) -> Memory | None:
    """The last checkpoint this witness cosigned; an altered one is refused, as trust in the past hangs on it."""
    content = public.read(folder, CHECKPOINT)
    if content is None:
        return None
    note = content.decode("utf-8", errors="replace")
    try:
        at = cosignature.verify(note, verifier(name, public_bytes(key), COSIGNATURE))
        return Memory(read_checkpoint(split_note(note)[0]), note, at)
    except NoteError as error:
        raise WitnessRefusedError(
            f"{folder / CHECKPOINT} に、この鍵による副署がありません。控えから戻してください。", seen=None
        ) from error


def _kept(folder: Path, name: str) -> str:
    content = public.read(folder, name)
    if content is None:
        raise UsageError(
            f"{folder} はまだ証人のフォルダーではありません。先に mimamori witness init を実行してください。"
        )
    return content.decode("utf-8").strip()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One cosigning at a time in this folder; two at once could each extend the same tree differently."""
    if not folder.is_dir():
        raise UsageError(f"{folder} がありません。先に mimamori witness init を実行してください。")
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
