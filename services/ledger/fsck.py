"""Checks the log against itself: indices without gaps, canonical bytes, commitments that open, one tree under checkpoints."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from psycopg import Connection

from models.tlog import leaf_hash
from models.tlog.growing import GrowingTree
from services.ledger.fault import Fault
from services.ledger.fsck_checkpoints import Checkpoints
from services.ledger.tree import SQL

BLOCK = 10_000  # entries fetched at once
NUL = b"\\u0000"  # canonical, but no text of PostgreSQL: such an entry was not written by the service

TEXTS = {
    "ENTRY_MISSING": "この番号の記録がありません。",
    "HEAD_DIFFERS": "記録の件数と、次に付ける番号が合いません。",
    "ENTRY_NOT_CANONICAL": "記録が正規の形（RFC 8785）ではありません。",
    "ENTRY_MISPLACED": "記録の中の番号が、置かれている番号と異なります。",
    "COMMITMENT_DIFFERS": "伏せた内容が、記録にある照合値と合いません。",
    "DETAIL_MISSING": "伏せた内容がなく、消去の記録もありません。",
    "DETAIL_WITHOUT_ENTRY": "記録のない内容が残っています。",
    "LOG_HALTED": "署名が止まり、ゲートが閉じています。mimamori log checkpoint が理由を示します。",
}


@dataclass
class LogCheck:
    """What the log says of itself.

    entries, checkpoints:  how many were read
    unreadable:  indices whose entry is not canonical, so that nothing more can be asked of it
    unopened:    indices whose detail is there and cannot be taken at its word
    erased:      indices whose detail an `erased` entry says was erased
    """

    entries: int = 0
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    unopened: list[int] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)

    def fault(self, kind: str, index: int, more: str = "") -> None:
        """Keep one contradiction about an entry."""
        self.faults.append(Fault(kind, TEXTS[kind] + more, index=index))


@dataclass(frozen=True)
class _Row:
    """One entry with its detail; salt and detail are both None where there is none."""

    index: int
    leaf: bytes
    salt: bytes | None
    detail: bytes | None


def check_log(conn: Connection[Any]) -> LogCheck:
    """Read every entry once, in the caller's transaction, which should see one state of the database throughout."""
    check, tree, bare, expected = LogCheck(), GrowingTree(), list[int](), 0
    checkpoints = Checkpoints.read(conn)
    checkpoints.meet(tree)
    for row in _rows(conn):
        if row.index != expected:
            check.fault("ENTRY_MISSING", expected, f"（{expected}〜{row.index - 1}）")
        expected = row.index + 1
        tree.add(leaf_hash(row.leaf))
        checkpoints.meet(tree)
        clear = _check_leaf(check, row)
        if row.salt is None or row.detail is None:
            bare.append(row.index)
        elif clear is not None:
            _check_detail(check, row, clear)
    check.entries, check.checkpoints = tree.size, checkpoints.count
    check.faults += checkpoints.all_faults(tree.size)
    for index in bare:
        if index not in check.erased:
            check.fault("DETAIL_MISSING", index)
    _check_ends(conn, check, expected)
    if conn.execute(SQL["halted"]).fetchone() is not None:
        check.fault("LOG_HALTED", tree.size)
    return check


def canonical(text: bytes) -> dict[str, Any] | None:
    """The object that these bytes are the RFC 8785 form of; None where they are not, or hold what no entry does.

    Entries hold whole numbers and ASCII keys alone: for these, sorted keys without white space are the canonical form.
    """
    try:
        value = json.loads(text, parse_float=_no_entry_holds, parse_constant=_no_entry_holds)
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and again == text and NUL not in text else None


def _no_entry_holds(text: str) -> NoReturn:
    raise ValueError(text)


def _rows(conn: Connection[Any]) -> Iterator[_Row]:
    with conn.cursor("fsck_entries") as cursor:
        cursor.itersize = BLOCK
        cursor.execute(
            "SELECT index, leaf, salt, detail FROM ledger.entry LEFT JOIN ledger.detail USING (index) ORDER BY index",
            binary=True,
        )
        for row in cursor:
            yield _Row(*row)


def _check_leaf(check: LogCheck, row: _Row) -> dict[str, Any] | None:
    """What the entry shows; None where it cannot be read."""
    clear = canonical(row.leaf)
    if clear is None:
        check.unreadable.append(row.index)
        check.fault("ENTRY_NOT_CANONICAL", row.index)
    elif clear.get("index") != row.index:
        check.fault("ENTRY_MISPLACED", row.index)
    return clear


def _check_detail(check: LogCheck, row: _Row, clear: dict[str, Any]) -> None:
    """Whether the detail is the one that the entry committed to, and what it says was erased."""
    assert row.salt is not None and row.detail is not None
    detail = canonical(row.detail)
    if detail is None or clear.get("commitment") != hashlib.sha256(row.salt + row.detail).hexdigest():
        check.unopened.append(row.index)
        check.fault("COMMITMENT_DIFFERS", row.index)
    elif clear.get("kind") == "erased" and isinstance(detail.get("entries"), list):
        check.erased |= {index for index in detail["entries"] if isinstance(index, int)}


def _check_ends(conn: Connection[Any], check: LogCheck, after_last: int) -> None:
    """What no entry tells: the number that comes next, and details whose entry is gone."""
    (size,) = conn.execute("SELECT size FROM ledger.head").fetchone() or (0,)
    if size != after_last:
        check.fault("HEAD_DIFFERS", min(size, after_last), f"（{after_last}件、次の番号 {size}）")
    left = conn.execute("SELECT index FROM ledger.detail EXCEPT SELECT index FROM ledger.entry ORDER BY index")
    for (index,) in left.fetchall():
        check.fault("DETAIL_WITHOUT_ENTRY", index)
