"""The log's own signing keys: made, changed with an overlap in which old and new both sign, found missing.

The private halves lie in `$MIMAMORI_HOME/keys/log-NUMBER.pem`; which public keys there were stands in the database and in
every export. Each new key is endorsed by the one before it, so that who trusts the first can follow.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection
from psycopg.types.json import Jsonb

from models.tlog.keys import NoteError, Verifier, check_name, read_verifier_key, verifier_key
from models.tlog.note import add_signature, sign, sign_note, verified
from schemas.errors import UsageError
from services.ledger.errors import KeyLostError
from services.ledger.tree import SQL
from services.platform.database import Database
from services.platform.files import create_once
from services.platform.keyfiles import KeyFileError, create_key, load_key, public_bytes

ORIGIN = "mimamori/log"  # of a home that names no other in keys/origin before its first checkpoint


@dataclass(frozen=True)
class PublicKey:
    """One key of the log as everybody may know it.

    number:       from 1, in the order they were made
    vkey:         the key as text (C2SP signed-note)
    endorsement:  the key before it over this one, a signed note; None for the first, and after a lost key
    retired:      it signs no more
    """

    number: int
    vkey: str
    endorsement: str | None = None
    retired: bool = False


class OverlapError(UsageError):
    """署名鍵の交替は、すでに始まっているか、まだ始まっていません。mimamori log rotate で始め、--finish で終えます。"""


def origin(home: Path) -> str:
    """The log's name, which its keys bear too; the home's first use settles it."""
    folder = _folder(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = create_once(folder / "origin", f"{ORIGIN}\n").strip()
    try:
        check_name(name)
    except NoteError as error:
        raise UsageError(f"{folder / 'origin'} に書かれたログの名前が使えません（{error}）。") from error
    return name


def public_keys(conn: Connection[Any]) -> list[PublicKey]:
    """Every key the log ever had, oldest first."""
    return [PublicKey(*row) for row in conn.execute(SQL["keys"])]


def signing_keys(conn: Connection[Any], home: Path) -> list[Ed25519PrivateKey]:
    """The keys that sign now, oldest first; the first one is made where the log has none yet. Under the checkpoint lock.

    Raises KeyLostError where one is gone or another lies in its place.
    """
    keys = public_keys(conn)
    if not keys:
        vkey = verifier_key(origin(home), public_bytes(create_key(_path(home, 1))))
        _add(conn, keys := [PublicKey(1, vkey)])
    return [_private(home, key) for key in keys if not key.retired]


def signed(text: str, name: str, keys: Sequence[Ed25519PrivateKey]) -> str:
    """The text as a note signed by each key."""
    note = sign_note(text, name, keys[0])
    for key in keys[1:]:
        note = add_signature(note, sign(text, name, key))
    return note


def verifiers(keys: Sequence[PublicKey]) -> list[Verifier]:
    """Whom to ask about a signature of the log."""
    return [read_verifier_key(key.vkey) for key in keys]


def endorsement_text(name: str, vkey: str) -> str:
    """What a key signs for the one that follows it; no checkpoint reads like it."""
    return f"{name}\nnext key\n{vkey}\n"


def endorsed(before: str, vkey: str, endorsement: str) -> bool:
    """Whether `endorsement` is the key `before` over the key `vkey`."""
    one = read_verifier_key(before)
    try:
        return verified(endorsement, [one]).text == endorsement_text(one.name, vkey)
    except NoteError:
        return False


def rotate(database: Database, *, lost: bool = False) -> PublicKey:
    """Make the next key; from here on it and the old one both sign. lost: the old one is gone, the new one signs alone.

    Raises OverlapError where two keys sign already, KeyLostError where the old one is gone and `lost` is not said.
    """
    home = database.settings.home
    with database.connect("ledger") as conn:
        conn.execute(SQL["lock"])
        keys = public_keys(conn)
        if not lost and sum(not key.retired for key in keys) != 1:
            raise OverlapError
        name, number = origin(home), len(keys) + 1
        vkey = verifier_key(name, public_bytes(create_key(_path(home, number))))
        old = None if lost else _private(home, keys[-1])
        made = PublicKey(number, vkey, sign_note(endorsement_text(name, vkey), name, old) if old else None)
        _add(conn, [made])
        if lost:
            conn.execute(SQL["retire_keys"], {"number": number})
        _log(conn, "log.key_lost" if lost else "log.rotate", vkey)
    return made


def finish_rotation(database: Database) -> PublicKey:
    """End the overlap: the newest key signs alone, and the private halves of the others are removed from the home.

    Killed before they were removed, the next call removes them. Raises OverlapError where there is neither overlap nor remnant.
    """
    with database.connect("ledger") as conn:
        conn.execute(SQL["lock"])
        keys = public_keys(conn)
        old = [path for key in keys[:-1] if (path := _path(database.settings.home, key.number)).exists()]
        if sum(not key.retired for key in keys) > 1:
            conn.execute(SQL["retire_keys"], {"number": keys[-1].number})
            _log(conn, "log.retire", keys[-1].vkey)
        elif not old:
            raise OverlapError
    for path in old:
        path.unlink(missing_ok=True)
    return keys[-1]


def _private(home: Path, key: PublicKey) -> Ed25519PrivateKey:
    path = _path(home, key.number)
    if not path.exists():
        raise KeyLostError(key.number, str(path))
    try:
        private = load_key(path)
    except KeyFileError as error:
        raise KeyLostError(key.number, str(path)) from error
    if public_bytes(private) != read_verifier_key(key.vkey).public:
        raise KeyLostError(key.number, str(path))
    return private


def _add(conn: Connection[Any], keys: Sequence[PublicKey]) -> None:
    for key in keys:
        conn.execute(SQL["add_key"], {"number": key.number, "verifier": key.vkey, "endorsement": key.endorsement})


def _log(conn: Connection[Any], kind: str, vkey: str) -> None:
    """Leave in the log itself that its keys changed; last, as the head stays locked from here."""
    entry = {"clear": {"kind": kind, "role": "ledger", "root": hashlib.sha256(vkey.encode()).hexdigest()}, "detail": {}}
    conn.execute(SQL["log_key_change"], {"entries": Jsonb([entry])})


def _folder(home: Path) -> Path:
    return home / "keys"


def _path(home: Path, number: int) -> Path:
    return _folder(home) / f"log-{number}.pem"
