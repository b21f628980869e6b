"""A small city for the queue's tests, written as the services' own roles would write it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from schemas.records.person import Role
from services.approvals.demo import set_up_demo
from services.casework.queue import take_up
from services.gate import Permit, Request, act
from services.gate.people import Member, Person, authenticate
from services.platform.database import Database
from services.platform.seal import give_seal
from services.publication.main import PublishReport, publish_run
from services.publication.relay import relay

AS_OF = date(2026, 8, 31)
RULES = "mimamori-default-1.0.0"
JUDGED = ("judgement.category", "judgement.data_check", "judgement.reasons")
PERIOD = date(2020, 4, 1)  # since when the registers' rows are in force
CASEWORKER = Member("caseworker", frozenset({Role.CASEWORKER}))
AUDITOR = Member("auditor", frozenset({Role.AUDITOR, Role.ANALYST, Role.LINKAGE}))

_keys = count(1001)


@dataclass(frozen=True)
class Child:
    """A child of the resident register, linked."""

    name: str = "見守 花子"
    kana: str = "ミマモリ ハナコ"
    birth: date = date(2016, 5, 4)
    sex: str = "2"
    address: str = "見守市中央一丁目2番3号"
    school: str = "2720001"
    grade: str = "P5"
    guardian: str = "見守 一郎"
    key: int = field(default_factory=lambda: next(_keys))
    setai: int = field(default_factory=lambda: next(_keys))
    guardian_key: int = field(default_factory=lambda: next(_keys))
    child_id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Judged:
    """What a run says of one child. reasons: as judgement.judgement keeps them."""

    child: Child
    category: str = "重点支援Ⅰ"
    reasons: Sequence[Mapping[str, Any]] = ()
    poverty: str = "A"
    learning: str = "4"
    noncognitive: str = "3"
    data_check: bool = False


def person(database: Database, name: str = "caseworker") -> Person:
    """A demo person with the key."""
    return authenticate(database, database.settings.home / "people" / f"{name}.pem")


def reason(code: str, *sources: tuple[int, int], **parameters: Any) -> dict[str, Any]:
    """One reason. sources: (batch, line); parameters: day, tenths, count, text."""
    empty = {"day": None, "tenths": None, "count": None, "text": None}
    return {"code": code, **empty, **parameters, "sources": [list(source) for source in sources]}


def settle(database: Database, children: Iterable[Child], *, protection: bool = True) -> int:
    """The demo's approvals, and the children in registers and links; returns the batch that holds them all.

    protection:  the feed of 支援措置 was loaded, and names nobody yet
    """
    set_up_demo(database)
    found = list(children)
    with act(database, role="intake", request=_collect()) as permit:
        batch = _batch(permit.conn, "resident", "resident.csv", rows=3 * len(found), permit=permit)
        for line, child in enumerate(found, start=2):
            _register(permit.conn, batch, line * 10, child)
    if protection:
        load(database, "shien_sochi", "shien_sochi.csv")
    _link(database, found)
    return batch


def load(database: Database, feed: str, file: str) -> int:
    """A batch without rows of its own, for reasons to lead to."""
    with act(database, role="intake", request=_collect()) as permit:
        return _batch(permit.conn, feed, file, rows=0, permit=permit)


def protect(
    database: Database, key: int, *, start: date | None, end: date | None = None, co_applicants: Sequence[int] = (),
    record: int | None = None, op: str = "I", precision: str | None = None,
) -> None:  # fmt: skip
    """A 支援措置 of one person. record: an earlier one's key, to change it; precision: of its end."""
    with act(database, role="intake", request=_collect()) as permit:
        batch = _batch(permit.conn, "shien_sochi", "shien_sochi.csv", rows=1, permit=permit)
        row = _common(batch, 2, record=record, op=op) | {
            "person_key": key, "kind": "本", "co_applicant_keys": list(co_applicants), "start_date": start, "end_date": end,
            "end_date_precision": precision,
        }  # fmt: skip
        _insert(permit.conn, "facts.shien_sochi", row)


def judge(
    database: Database, judged: Sequence[Judged], *, run: str = "R1", as_of: date = AS_OF, status: str = "official"
) -> str:
    """A run that says just this."""
    classes = ("children_0_18", "household_members", "guardians", "pupils", "expectant_mothers")
    request = Request(act="judge", items=JUDGED, classes=classes, rules=RULES)
    if status == "trial":
        request = replace(request, act="simulate", rules=None)
    with act(database, role="analyst", request=request) as permit:
        conn = permit.conn
        seal = give_seal(conn, "run")
        _insert(conn, "judgement.run", {
            "run": run, "as_of": as_of, "known_at": database.clock.now(), "seal": seal, "rules": RULES, "status": status,
            "manifest": b"{}", "root": bytes(32), "children": len(judged), "categories": Jsonb({}),
            "summary": Jsonb({"missing_feeds": [], "warnings": {}, "guard": [0, 1], "calibration": [0, 1]}),
            "decision": permit.record(root="00" * 32, detail={"as_of": str(as_of), "manifest": sha256(b"{}").hexdigest()}).id,
        })  # fmt: skip
        for position, each in enumerate(judged):
            _insert(
                conn, "judgement.said", _judgement(each) | {"leaf_hash": sha256(f"{run} {position}".encode()).digest()}
            )
            said = conn.execute("SELECT max(judgement) FROM judgement.said").fetchall()[0][0]
            _insert(conn, "judgement.line", {"seal": seal, "position": position, "judgement": said})
    return run


def publish(database: Database, run: str = "R1") -> PublishReport:
    """Publish a run and hand it on to the queue."""
    report = publish_run(database, run=run)
    relay(database)
    take_up(database)
    return report


def alert_of(database: Database, child: Child) -> str:
    """The handle of a child's last alert."""
    with database.connect("casework") as conn:
        rows = conn.execute(
            "SELECT alert FROM publication.alert WHERE child_id = %s ORDER BY entry DESC", (child.child_id,)
        ).fetchall()
    return str(rows[0][0])


def entries(database: Database) -> list[str]:
    """The log's entries in clear, in order."""
    with database.connect("auditor") as conn:
        rows = conn.execute("SELECT convert_from(leaf, 'UTF8') FROM ledger.entry ORDER BY index").fetchall()
    return [str(leaf) for (leaf,) in rows]


def revealed(database: Database) -> int:
    """How many names were read."""
    with database.connect("auditor") as conn:
        row = conn.execute("SELECT count(*) FROM gate.revealed").fetchone()
    assert row is not None
    return int(row[0])


def key_file(database: Database, name: str = "caseworker") -> Path:
    """The demo person's key."""
    return database.settings.home / "people" / f"{name}.pem"


def _collect() -> Request:
    return Request(act="collect", items=("resident.atena_no",), classes=("children_0_18",))


def _batch(conn: Connection[Any], feed: str, file: str, *, rows: int, permit: Permit) -> int:
    decision = permit.record(count=rows, detail={"file": file, "digest": "00" * 32, "loaded": rows}).id
    found = conn.execute("SELECT nextval('facts.batch_number')").fetchone()
    assert found is not None
    seal = give_seal(conn, "batch")
    at = conn.execute("SELECT sealed_at FROM platform.seal WHERE seal = %s", (seal,)).fetchone()
    assert at is not None
    _insert(conn, "facts.batch", {
        "batch": found[0], "feed": feed, "file": file, "digest": bytes(32), "profile": "canonical", "initial": False,
        "kept": ["atena_no"], "dropped": [], "rows": rows, "loaded": rows, "unchanged": 0, "quarantined": 0, "tombstones": 0,
        "warnings": Jsonb({}), "seal": seal, "sealed_at": at[0], "decision": decision,
    })  # fmt: skip
    return int(found[0])


def _register(conn: Connection[Any], batch: int, line: int, child: Child) -> None:
    """Resident, guardian and entry of 学齢簿: three lines of the batch."""
    for offset, key, name, kana, birth in (
        (0, child.key, child.name, child.kana, child.birth),
        (1, child.guardian_key, child.guardian, "ミマモリ イチロウ", date(1985, 1, 2)),
    ):
        _insert(conn, "identity.person", {"system": "atena_no", "number": str(10**9 + key), "person_key": key})
        _insert(conn, "identity.resident_name", {
            "batch": batch, "line": line + offset, "person_key": key, "name_kanji": name, "name_kana": kana,
            "kana_confirmed": True, "addr_joined": child.address,
        })  # fmt: skip
        _insert(conn, "facts.resident", _common(batch, line + offset) | {
            "person_key": key, "rireki_no": 1, "setai_key": child.setai, "birth": birth, "sex": child.sex,
            "lg_code": "272205", "zokugara": "子", "jumin_shubetsu": "日本人", "status": "住民",
        })  # fmt: skip
    _insert(conn, "facts.gakureibo", _common(batch, line + 2) | {
        "person_key": child.key, "guardian_key": child.guardian_key, "school_code": child.school, "grade": child.grade,
        "class_kind": "普通", "kubun": "指定",
    })  # fmt: skip


def _link(database: Database, children: Sequence[Child]) -> None:
    request = Request(act="link", items=("resident.atena_no",), classes=("children_0_18",))
    with act(database, role="linkage", request=request) as permit:
        seal = give_seal(permit.conn, "link")
        _insert(permit.conn, "linkage.run", {
            "seal": seal, "persons": len(children), "children": len(children), "links": len(children), "review": 0,
            "unlinked": Jsonb({}), "decision": permit.record(detail={"links": len(children)}).id,
        })  # fmt: skip
        for child in children:
            _insert(permit.conn, "linkage.link", {
                "person_key": child.key, "child_id": child.child_id, "basis": "self", "op": "I",
                "known_at": database.clock.now(), "seal": seal,
            })  # fmt: skip


def _judgement(judged: Judged) -> dict[str, Any]:
    return {
        "child_id": judged.child.child_id, "economic": "E3", "nurturing": "N0", "poverty": judged.poverty,
        "learning": judged.learning, "scales": Jsonb({}), "noncognitive": judged.noncognitive, "w": "4",
        "raw_category": judged.category, "category": judged.category, "data_check": judged.data_check,
        "reasons": Jsonb([dict(each) for each in judged.reasons]),
    }  # fmt: skip


def _common(batch: int, line: int, *, record: int | None = None, op: str = "I") -> dict[str, Any]:
    return {
        "batch": batch, "line": line, "record_key": record or next(_keys), "source_system": "test", "op": op,
        "event_time": datetime.fromisoformat("2026-08-01T00:00:00+09:00"), "effective_from": PERIOD,
        "legal_basis_id": "LB1", "content_hash": uuid4(), "revises": record is not None,
    }  # fmt: skip


def _insert(conn: Connection[Any], table: str, row: Mapping[str, Any]) -> None:
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Placeholder, row)),
    )
    conn.execute(statement, row)
