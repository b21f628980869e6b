"""Single persons' signed words: suspensions, releases, requests to erase and consents to unmask were signed by whom they name."""

from collections.abc import Iterator, Mapping
from typing import Any

from psycopg import Connection

from schemas.records import erasure, release, unmasking
from schemas.records.erasure import asked
from schemas.records.unmasking import agreed
from services.gate.registered import Registration, register_now
from services.gate.suspended import replay, steps_of
from services.gate.words import Word, holds, people_now
from services.ledger.fault import Fault
from services.platform.queries import queries

People = Mapping[str, Registration]


def check_words(conn: Connection[Any]) -> Iterator[Fault]:
    """What no registered person signed, or could sign."""
    people = people_now(conn)
    yield from _registrations(conn, people)
    yield from _suspensions(conn, people)
    yield from _unmaskings(conn, people)
    yield from _requests(conn, people)
    yield from _releases(conn, people)


def _registrations(conn: Connection[Any], people: People) -> Iterator[Fault]:
    for row in register_now(conn):
        if row.person not in people:
            yield Fault("PERSON_NOT_SIGNED", "この職員の登録に、管理者の有効な署名がありません。", id=row.person)


def _suspensions(conn: Connection[Any], people: People) -> Iterator[Fault]:
    steps = steps_of(conn)
    for step in steps:
        if not step.signed(people):
            text = "利用停止の手続に、役割を持つ登録された者の有効な署名がありません。"
            yield Fault("SUSPENSION_NOT_SIGNED", text, index=step.entry)
    for step in replay(steps, people)[1]:
        text = "利用停止の手続が、その順序又は者では効力を持ちません。"
        yield Fault("SUSPENSION_VOID", text, index=step.entry)


def _unmaskings(conn: Connection[Any], people: People) -> Iterator[Fault]:
    rows = conn.execute(queries("services.gate.fsck")["unmaskings"]).fetchall()
    for entry, child, office, *word in rows:
        if not holds(Word(*word), agreed(child, office, word[0]), people, unmasking.ASKERS):
            text = "伏せた項目の表示への同意に、登録された者の有効な署名がありません。"
            yield Fault("UNMASKING_NOT_SIGNED", text, index=entry)


def _requests(conn: Connection[Any], people: People) -> Iterator[Fault]:
    rows = conn.execute(queries("services.gate.fsck")["requests"]).fetchall()
    for entry, subject, reason, *word in rows:
        if not holds(Word(*word), asked(subject, reason, word[0]), people, erasure.ASKERS):
            yield Fault("REQUEST_NOT_SIGNED", "消去の求めに、登録された者の有効な署名がありません。", index=entry)


def _releases(conn: Connection[Any], people: People) -> Iterator[Fault]:
    rows = conn.execute(queries("services.gate.fsck")["releases"]).fetchall()
    for entry, run, root, *word in rows:
        if not holds(Word(*word), release.released(run, root, word[0]), people, release.RELEASERS):
            yield Fault("RELEASE_NOT_SIGNED", "判定の解除に、登録された者の有効な署名がありません。", index=entry)
