"""One file = one batch = one decision = one transaction: a kill at any point leaves all of it or nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from schemas.errors import RefusedError, UsageError
from schemas.feeds import FEEDS
from schemas.feeds.contract import Contract
from schemas.feeds.profile import Mode, Profile
from schemas.feeds.rule import Context
from services.gate import Request, act
from services.intake import spool
from services.intake.ahead import ahead
from services.intake.collecting import collect_request, context_of, kept_columns
from services.intake.errors import FileRefusedError
from services.intake.gone import Gone
from services.intake.mapping import FileMapping
from services.intake.memory import Memory
from services.intake.opened import File, Ground, Opened, opened
from services.intake.prepare import Prepared, reduced, wrong_codes
from services.intake.reading import open_table
from services.intake.report import FileReport
from services.intake.transfer import MOST_REFUSED, Counts, Progress, Taken, Transfer, exceeds
from services.intake.versions import pepper
from services.platform.database import Database
from services.platform.queries import queries
from services.platform.seal import give_seal


@dataclass(frozen=True)
class Load:
    """One call of `feed load` or `feed release`: what all its files share.

    approved: item codes (feed.column) that an approval in force names for collecting
    """

    database: Database
    profile: Profile
    approved: frozenset[str]
    initial: bool
    progress: Progress
    scheduled: bool = False
    memory: Memory = field(default_factory=Memory)

    def context(self, conn: Connection[Any], contract: Contract) -> Context:
        """What rules look at besides the row."""
        return context_of(conn, contract, now=self.database.clock.now(), tax_offices=self.profile.tax_offices)


class _OverBudgetError(Exception):
    """Rolls the file's transaction back, so that it can be held."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        super().__init__()


@dataclass(frozen=True)
class _File:
    """One file, opened. kept: contract columns that are taken; asked: their item codes as the gate is asked."""

    load: Load
    contract: Contract
    name: str
    digest: bytes
    mode: Mode
    kept: frozenset[str]
    dropped: tuple[str, ...]
    released_by: str | None = None
    batch: int | None = None

    @property
    def request(self) -> Request:
        """What the gate is asked."""
        return collect_request(self.contract, self.kept, scheduled=self.load.scheduled, person=self.released_by)


def load_files(load: Load, files: Sequence[File]) -> list[FileReport]:
    """Load files in this order; what is wrong with one stands in its report, for the others still load."""
    reports = []
    for group in _groups(files):
        ground = _ground(load, [contract for contract, _ in group])
        for file, (found, blocks) in zip(group, opened(ground, group), strict=True):
            reports.append(_reported(file, partial(_load, load, ground.key, found, blocks)))
    return reports


def _groups(files: Sequence[File]) -> list[list[File]]:
    """Files that may be prepared while others are stored; a reference file stands alone, for others are checked against it."""
    alone = [[file] for file in files if file[0].reference]
    return [*alone, [file for file in files if not file[0].reference]]


def _ground(load: Load, contracts: Iterable[Contract]) -> Ground:
    with load.database.connect("intake") as conn:
        key = pepper(conn)
        contexts = {contract.feed: load.context(conn, contract) for contract in contracts}
        return Ground(load.profile, load.approved, contexts, key, Gone.now(conn, key))


def _reported(file: File, work: Callable[[], FileReport]) -> FileReport:
    contract, path = file
    report = FileReport(contract.feed, path.name)
    try:
        return work()
    except RefusedError as error:
        report.errors = [{"code": code, "text": text} for code, text in error.conditions]
        report.exit_code = error.exit_code
    except FileRefusedError as error:
        report.errors = [{"code": error.code, "text": str(error)}]
        report.exit_code = error.exit_code
    return report


def _load(load: Load, key: bytes, found: Opened | FileRefusedError, blocks: Iterable[Prepared]) -> FileReport:
    if isinstance(found, FileRefusedError):
        raise found
    mode = load.profile.feeds[found.contract.feed].mode
    file = _File(load, found.contract, found.path.name, found.digest, mode, found.kept, found.dropped)
    if (waiting := _waiting(file)) is not None:
        return waiting
    try:
        return _store(file, blocks, key, budgets=True)
    except _OverBudgetError as over:
        return _hold(file, found.path, found.mapping, over.counts)


def release(load: Load, batch: int, person: str) -> FileReport:
    """Load a held file from the spool, whatever its budgets say; `person` answers for it."""
    with load.database.connect("intake") as conn:
        row = conn.execute(
            queries("services.intake")["waiting"], {"batch": batch, "feed": None, "digest": None}
        ).fetchone()
    if row is None:
        raise UsageError(f"保留中の取込 {batch} はありません。mimamori status で番号を確かめてください。")
    contract, plan = FEEDS[row[1]], row[5]
    _still_newest(load, contract, row[2], batch)
    profile = load.profile.model_copy(update={"name": row[4], "tax_offices": tuple(plan["tax_offices"])})
    folder = spool.folder_of(load.database.settings.home, batch)
    kept = kept_columns(contract, load.approved) & frozenset(plan["kept"])
    file = _File(
        replace(load, profile=profile, initial=plan["initial"]), contract, row[2], bytes(row[3]), Mode(plan["mode"]), kept,
        tuple(plan["dropped"]), person, batch,
    )  # fmt: skip
    ground = _ground(file.load, [contract])
    prepared = ahead(ground.preparer(contract, kept).prepare, spool.read_blocks(folder))
    report = _store(file, prepared, ground.key, budgets=False)
    spool.clear(folder)
    return report


def _still_newest(load: Load, contract: Contract, file: str, batch: int) -> None:
    """A held file that a later one overtook would put the old state back: refused."""
    with load.database.connect("intake") as conn:
        newest = conn.execute(
            queries("services.intake")["newest_of_file"], {"feed": contract.feed, "file": file}
        ).fetchone()
    if newest is not None and newest[0] > batch:
        raise UsageError(
            f"保留中の取込 {batch}（{file}）より新しい同じ名前のファイルが取り込まれています（{newest[0]}）。"
            "古い状態に戻るため解除できません。必要なら、正しいファイルをもう一度取り込んでください。"
        )


def check_files(load: Load, files: Sequence[File]) -> list[FileReport]:
    """Read files and ask their contracts, every column taken as approved; nothing is stored and no decision asked for."""
    with load.database.connect("intake") as conn:
        contexts = {contract.feed: load.context(conn, contract) for contract, _ in files}
    key = b"hashes of a check are kept nowhere"
    ground = Ground(load.profile, None, contexts, key, Gone(frozenset(), key))
    return [
        _reported(file, partial(_check, load, found, blocks))
        for file, (found, blocks) in zip(files, opened(ground, files), strict=True)
    ]


def _check(load: Load, found: Opened | FileRefusedError, blocks: Iterable[Prepared]) -> FileReport:
    if isinstance(found, FileRefusedError):
        raise found
    counts, report = Counts(), FileReport(found.contract.feed, found.path.name)
    try:
        for block in blocks:
            counts.add(block)
            counts.warnings.update(wrong_codes(block.values, found.contract))
            load.progress(found.contract.feed, counts.rows)
    except FileRefusedError as error:
        report.errors, report.exit_code = [{"code": error.code, "text": str(error)}], error.exit_code
    report.rows, report.quarantined = counts.rows, counts.refused + counts.answers
    report.refusals = dict(counts.refusals)
    report.warnings = {code: number for code, number in counts.warnings.items() if number}
    if exceeds(counts.refused, counts.rows, MOST_REFUSED):
        report.holds = {"REFUSED_ROWS": counts.refused}
    return report


def _waiting(file: _File) -> FileReport | None:
    """The same file is held already: it waits, and nothing is asked again."""
    asked = {"batch": None, "feed": file.contract.feed, "digest": file.digest}
    with file.load.database.connect("intake") as conn:
        row = conn.execute(queries("services.intake")["waiting"], asked).fetchone()
    if row is None:
        return None
    return FileReport(file.contract.feed, file.name, rows=row[8], held=True, batch=row[0], holds=row[7], exit_code=4)


def _store(file: _File, blocks: Iterable[Prepared], key: bytes, *, budgets: bool) -> FileReport:
    load = file.load
    try:
        with act(load.database, role="intake", request=file.request) as permit:
            conn = permit.conn
            taken, was_released = _taken(conn, file)
            transfer = Transfer(conn, taken, key, load.memory)
            counts = transfer.run(blocks, budgets=budgets and not was_released, progress=load.progress)
            if counts.holds:
                raise _OverBudgetError(counts)
            report = _counted(file, counts)
            _seal(conn, file, taken, counts, report)
            detail = {
                "file": file.name,
                "digest": file.digest.hex(),
                "loaded": report.loaded,
                "quarantined": counts.refused,
            }
            decision = permit.record(count=counts.rows, detail=detail)
            if report.batch == taken.batch:
                _add_batch(conn, file, taken, report, decision.id)
    except BaseException:
        load.memory.undone()
        raise
    load.memory.committed(file.contract, taken.batch, transfer.versions, tombstones=bool(counts.tombstones))
    return report


def _taken(conn: Connection[Any], file: _File) -> tuple[Taken, bool]:
    """The file as it will be stored, and whether a person released this very file before."""
    asked = {"feed": file.contract.feed, "file": file.name}
    newest = conn.execute(queries("services.intake")["newest_of_file"], asked).fetchone()
    loaded = conn.execute(queries("services.intake")["batches"], asked).fetchall()
    batch = file.batch or next_batch(conn)
    again = newest is not None and bytes(newest[1]) == file.digest
    taken = Taken(file.contract, file.name, batch, file.kept, file.mode is Mode.SNAPSHOT, again)
    return taken, any(bytes(digest) == file.digest and released for digest, _, released in loaded)


def next_batch(conn: Connection[Any]) -> int:
    """The number of a new batch."""
    row = conn.execute("SELECT nextval('facts.batch_number')").fetchone()
    assert row is not None
    return int(row[0])


def _seal(conn: Connection[Any], file: _File, taken: Taken, counts: Counts, report: FileReport) -> None:
    """Give the batch its seal; where nothing is new there is none, and the earlier batch is named.

    Before the decision is recorded: everybody locks the seals first and the log last, so nobody waits in a circle.
    """
    asked = {"feed": report.feed, "file": report.file}
    newest = conn.execute(queries("services.intake")["newest_of_file"], asked).fetchone()
    if newest is not None and not counts.changed and file.released_by is None:
        report.batch, report.seal = newest[0], newest[2]
    else:
        report.batch, report.seal = taken.batch, give_seal(conn, "batch")


def _add_batch(conn: Connection[Any], file: _File, taken: Taken, report: FileReport, decision: object) -> None:
    """Write the batch's own row, last of all."""
    numbers = {name: getattr(report, name) for name in ("feed", "file", "rows", "loaded", "unchanged", "quarantined")}
    conn.execute(
        queries("services.intake")["add_batch"],
        numbers
        | {"batch": taken.batch, "digest": file.digest, "profile": file.load.profile.name, "initial": file.load.initial}
        | {"kept": sorted(taken.kept), "dropped": list(file.dropped), "tombstones": report.tombstones}
        | {
            "warnings": Jsonb(report.warnings),
            "released_by": file.released_by,
            "seal": report.seal,
            "decision": decision,
        },
    )
    if file.released_by is not None:
        conn.execute(queries("services.intake")["released"], {"batch": taken.batch, "person": file.released_by})


def _hold(file: _File, path: Path, mapping: FileMapping, counts: Counts) -> FileReport:
    """Read the file again into the spool, approved columns alone, and say that it waits."""
    load, profile = file.load, file.load.profile.feeds[file.contract.feed]
    with act(load.database, role="intake", request=file.request) as permit:
        batch = next_batch(permit.conn)
        with open_table(path, encoding=profile.encoding, delimiter=profile.delimiter) as table:
            blocks = (reduced(mapping.apply(block), file.contract, file.kept) for block in table.blocks)
            spool.write_blocks(spool.folder_of(load.database.settings.home, batch), blocks)
        plan = {
            "mode": file.mode.value,
            "initial": load.initial,
            "tax_offices": load.profile.tax_offices,
            "kept": sorted(file.kept),
            "dropped": list(file.dropped),
        }
        permit.conn.execute(
            queries("services.intake")["hold"],
            {"batch": batch, "feed": file.contract.feed, "file": file.name, "digest": file.digest}
            | {"profile": load.profile.name, "plan": Jsonb(plan), "spool": f"batch-{batch}"}
            | {"reasons": Jsonb(counts.holds), "rows": counts.rows},
        )
        permit.record(count=counts.rows, detail={"file": file.name, "held": counts.holds})
    return replace(
        _counted(file, counts),
        held=True,
        batch=batch,
        holds=counts.holds,
        exit_code=4,
        loaded=0,
        unchanged=0,
        tombstones=0,
    )


def _counted(file: _File, counts: Counts) -> FileReport:
    return FileReport(
        file.contract.feed,
        file.name,
        rows=counts.rows,
        loaded=counts.loaded,
        unchanged=counts.unchanged,
        quarantined=counts.refused + counts.answers,
        tombstones=counts.tombstones,
        dropped_columns=list(file.dropped),
        refusals=dict(counts.refusals),
        warnings={code: number for code, number in counts.warnings.items() if number},
    )
