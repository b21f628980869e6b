"""What witnesses cosigned, taken back: kept in the public folder as `cosigned`, handed out with exports and proofs.

It is the newest checkpoint that a witness has sent back, mostly a little older than `checkpoint`. The log cannot tell whether a
cosignature holds, as it does not know the witness's key, and need not: whoever trusts the witness verifies it.
"""

from pathlib import Path
from typing import Any

from psycopg import Connection

from models.tlog.checkpoint import Checkpoint, read_checkpoint
from models.tlog.cosignature import is_cosignature
from models.tlog.keys import NoteError
from models.tlog.note import add_signature, split_note, verified
from schemas.errors import UsageError
from services.ledger import folder as public
from services.ledger.keys import public_keys, verifiers
from services.ledger.tree import SQL
from services.platform.database import Database
from services.platform.files import replace


def take(database: Database, file: Path) -> Checkpoint:
    """Keep a cosigned checkpoint of this log. file: as the witness wrote it, or the folder of its `checkpoint`.

    Cosignatures of one checkpoint are gathered. Raises UsageError where it is older than the kept one, no checkpoint that this
    log published, or not cosigned.
    """
    path = file / public.CHECKPOINT if file.is_dir() else file
    note = public.read_note(path.parent, path.name)
    if note is None:
        raise UsageError(f"{path} がありません。証人が副署したチェックポイントを指定してください。")
    with database.connect("ledger") as conn:
        conn.execute(SQL["lock"])
        checkpoint = _of_this_log(conn, note)
        folder = public.of_home(database.settings.home)
        kept = kept_note(folder)
        replace(folder / public.COSIGNED, (note if kept is None else _newer(kept, note, checkpoint)).encode())
    return checkpoint


def kept_note(folder: Path) -> str | None:
    """The note that a public folder holds; None where no witness has sent one, or what lies there is no checkpoint."""
    note = public.read_note(folder, public.COSIGNED)
    try:
        if note is not None:
            read_checkpoint(split_note(note)[0])
    except NoteError:
        return None
    return note


def with_cosignatures(note: str, cosigned: str | None) -> str:
    """The checkpoint note with the cosignatures of just this tree in it; as it is where witnesses saw another."""
    if cosigned is None or split_note(cosigned)[0] != split_note(note)[0]:
        return note
    for signature in split_note(cosigned)[1]:
        note = add_signature(note, signature.line)
    return note


def _of_this_log(conn: Connection[Any], note: str) -> Checkpoint:
    try:
        checkpoint = read_checkpoint(verified(note, verifiers(public_keys(conn))).text)
    except NoteError as error:
        raise UsageError(f"このログが署名したチェックポイントではありません（{error}）。") from error
    row = conn.execute(SQL["checkpoint_at"], {"size": checkpoint.size}).fetchone()
    if row is None or bytes(row[0]) != checkpoint.root:
        raise UsageError(f"大きさ{checkpoint.size}のこの木は、このログが公開したものではありません。")
    if not any(is_cosignature(signature) for signature in split_note(note)[1]):
        raise UsageError("証人の副署がありません。mimamori witness cosign が書いたファイルを指定してください。")
    return checkpoint


def _newer(kept: str, note: str, checkpoint: Checkpoint) -> str:
    before = read_checkpoint(split_note(kept)[0])
    if before.size > checkpoint.size:
        raise UsageError(
            f"より新しい副署（大きさ{before.size}）をすでに受け取っています。大きさ{checkpoint.size}は使いません。"
        )
    return with_cosignatures(kept, note) if before == checkpoint else note
