"""An approval as a signed note (C2SP): its text as the council read it, and below it a line of each person who signed it.

Whoever submits, hears or narrows signs this text too, and the signed statement of that step holds the line. So anybody
with the public keys can check a kept file without this service.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from models.tlog.note import NoteError, add_signature, read_verifier_key, sign, verified, verifier_key
from schemas.errors import MimamoriError, UsageError
from services.approvals.store import SQL
from services.gate.people import Person
from services.gate.registered import register_now, registered
from services.platform.database import Database


class NoteDiffersError(MimamoriError):
    """承認書の署名が本文または登録された鍵と一致しません。監査担当に知らせてください。"""


@dataclass(frozen=True)
class SignedNote:
    """A note and the public keys of its signers, each as text (C2SP vkey)."""

    note: str
    keys: tuple[str, ...]


def check_text(text: str) -> None:
    """Refuse a document that cannot be signed as a note: one with control characters other than the line's end."""
    if any(character < " " and character != "\n" for character in text):
        raise UsageError("承認書にタブなどの制御文字があります。空白と改行（LF）だけを使ってください。")


def note_line(text: str, by: Person) -> str:
    """The signature line of one person over a document."""
    return sign(_with_end(text), _key_name(by.person), by.key)


def signed_note(database: Database, approval: str, version: int) -> SignedNote:
    """One version as a note, opened with the registered keys before it is handed out."""
    with database.connect("approvals") as conn:
        key = {"approval": approval, "version": version}
        (text,) = conn.execute(SQL["document"], key).fetchall()[0]
        signed = [(row[0], json.loads(row[1])["note"]) for row in conn.execute(SQL["noted"], key)]
        known = registered(register_now(conn))
    if not signed:
        raise UsageError("この版にはまだ署名がありません。諮問（submit）の後に取り出せます。")
    keys = tuple(verifier_key(_key_name(who), known[who].public_key) for who, _ in signed if who in known)
    note = _joined(text, (line for _, line in signed))
    try:
        opened = verified(note, [read_verifier_key(each) for each in keys])
    except NoteError as error:
        raise NoteDiffersError from error
    if len(opened.names) != len(signed):
        raise NoteDiffersError
    return SignedNote(note, keys)


def _joined(text: str, lines: Iterable[str]) -> str:
    first, *rest = lines
    note = f"{_with_end(text)}\n{first}"
    for line in rest:
        note = add_signature(note, line)
    return note


def _with_end(text: str) -> str:
    """A note's text ends with its last line's end."""
    return text if text.endswith("\n") else text + "\n"


def _key_name(person: str) -> str:
    return f"mimamori/{person}"
