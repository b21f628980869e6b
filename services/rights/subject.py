"""Whom an erasure is about: a child by its linkage ID, or whoever bears a number."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from schemas.errors import UsageError
from schemas.feeds.column import System
from services.platform.queries import queries


@dataclass(frozen=True)
class Number:
    """A number of a person, as a source bears it. system: the column that bears it, such as atena_no."""

    system: str
    number: str


@dataclass(frozen=True)
class Subject:
    """One person, found. Exactly one of child and key is given, or neither where the person is gone.

    handle:  what the erasure is asked and remembered by: a hash, 32 bytes
    gone:    the entry of the erasure, where it was done already
    """

    handle: bytes
    child: UUID | None = None
    key: int | None = None
    gone: int | None = None


class UnknownPersonError(UsageError):
    """消去する方が見つかりません。連携ID又は番号（例 atena_no:番号）を確かめてください。"""


def read_number(text: str) -> Number:
    """A line SYSTEM:NUMBER, as handed over in a file and never as an argument, which other users of the machine could see."""
    system, _, number = text.strip().partition(":")
    if system not in {each.value for each in System if each.of_person} or not number:
        raise UsageError("番号は一行に「番号の種類:番号」（例 atena_no:…、pupil_no:…）の形で渡してください。")
    return Number(system, number)


def find_subject(conn: Connection[Any], who: UUID | Number) -> Subject:
    """Find the person, also one who is gone; raises UnknownPersonError where nothing was ever known."""
    return _child(conn, who) if isinstance(who, UUID) else _bearer(conn, who)


def _child(conn: Connection[Any], child: UUID) -> Subject:
    handle = hashlib.sha256(child.bytes).digest()
    gone = _gone(conn, handle)
    if gone is not None:
        return Subject(handle, gone=gone)
    if not _one(conn, "known_child", child=child)[0]:
        raise UnknownPersonError
    return Subject(handle, child=child)


def _bearer(conn: Connection[Any], number: Number) -> Subject:
    key, handle = _one(conn, "person_key", system=number.system, number=number.number)
    gone = _gone(conn, handle)
    if gone is not None:
        return Subject(handle, gone=gone)
    if key is None:
        raise UnknownPersonError
    found = conn.execute(queries("services.rights")["child_of"], {"key": key}).fetchone()
    if found is not None:
        return _child(conn, found[0])
    return Subject(_one(conn, "subject", child=None, key=key)[0], key=key)


def _gone(conn: Connection[Any], handle: bytes) -> int | None:
    found = conn.execute(queries("services.rights")["gone"], {"handle": handle}).fetchone()
    return None if found is None else int(found[0])


def _one(conn: Connection[Any], query: str, **asked: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = conn.execute(queries("services.rights")[query], asked).fetchone()
    assert row is not None
    return row
