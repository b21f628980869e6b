"""The life of an approval: drafted, submitted, heard, in force, amended or revoked; one function a step.

What widens takes two persons, the one who submits and the one who records the council's part; what narrows or revokes
takes one, at once. Each step is one transaction with a signed event and an entry of the log.
"""

from datetime import date
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from models.legality.compare import compare
from models.legality.view import ApprovalView
from schemas.errors import RefusedError, UsageError
from schemas.records.approval import Approval, ApprovalFile, Council, Opinion, State, read_approval, read_council
from schemas.records.person import Role
from services.approvals.note import check_text, note_line
from services.approvals.register import Standing, one_version, standing_of
from services.approvals.store import PENDING, Change, change
from services.gate.people import Person
from services.gate.standing import clause_dates
from services.platform.database import Database

LARGEST = 1_000_000  # bytes; an approval that names every column has some twenty thousand
ANYONE = (Role.DRAFTER, Role.HEARER, Role.ADMIN)  # one of these may narrow or revoke


def draft(database: Database, path: Path, by: Person) -> Standing:
    """Write the first version, or the next after one that is no longer in force; the same file again changes nothing."""
    file = _read(path)
    with change(database, by, Role.DRAFTER) as step:
        versions = step.versions(file.approval.id)
        if any(view.state is State.IN_FORCE and view.digest != file.digest for view in versions):
            raise UsageError(
                "この承認には効力のある版があります。変更（approval amend）または縮小（approval narrow）としてください。"
            )
        _write_draft(step, file, versions, "draft")
        return one_version(step.conn, file.approval.id, file.approval.version, database.clock.today())


def amend(database: Database, path: Path, by: Person) -> Standing:
    """Draft the next version of an approval in force, which stays in force until the new one is."""
    file = _read(path)
    with change(database, by, Role.DRAFTER) as step:
        step.version(file.approval.id, State.IN_FORCE)
        _write_draft(step, file, step.versions(file.approval.id), "amend")
        return one_version(step.conn, file.approval.id, file.approval.version, database.clock.today())


def submit(database: Database, approval: str, by: Person) -> Standing:
    """Put the drafted version to the council (諮問)."""
    with change(database, by, Role.DRAFTER) as step:
        view = step.version(approval, State.DRAFTED)
        step.run("submit", approval=approval, version=view.document.version, person=by.person)
        step.sign("submit", view.document, view.digest, note=_note(step, view.document))
        return one_version(step.conn, approval, view.document.version, database.clock.today())


def hear(database: Database, approval: str, council: Council, by: Person) -> Standing:
    """Record the council's answer (答申) on the submitted version; unless it is adverse, the version is in force.

    The second signature: whoever drafted or submitted may not hear.
    """
    with change(database, by, Role.HEARER) as step:
        view = step.version(approval, State.SUBMITTED)
        if by.person in (view.drafted_by, view.submitted_by):
            raise RefusedError(
                [("HEARD_BY_DRAFTER", "起案・諮問した者は答申を記録できません。別の者が記録してください。")]
            )
        if council.opinion_on > database.clock.today():
            raise UsageError("答申の日が未来の日付です。")
        _is_own_opinion(step, view, council)
        _record_opinion(step, view, council)
        document = view.document
        step.sign(
            "hear", document, view.digest, opinion=council.opinion, council=_plain(council), note=_note(step, document)
        )
        return one_version(step.conn, approval, view.document.version, database.clock.today())


def narrow(database: Database, path: Path, by: Person, *, reason: str) -> Standing:
    """Put a version in force that allows less than the one in force and nothing else; it stands on the same hearing."""
    file = _read(path)
    document = file.approval
    with change(database, by, *ANYONE) as step:
        before = step.version(document.id, State.IN_FORCE)
        if before.digest == file.digest:
            return one_version(step.conn, document.id, document.version, database.clock.today())
        widening = [difference.text for difference in compare(before.document, document) if not difference.narrows]
        if widening:
            raise RefusedError([("NOT_NARROWER", f"縮小にとどまらない変更があります: {' / '.join(widening)}")])
        _is_next(document.version, step.versions(document.id))
        step.insert(file, drafted_by=before.drafted_by)
        step.run("supersede", approval=document.id)
        step.run("submit", approval=document.id, version=document.version, person=before.submitted_by)
        step.run("carry_over", approval=document.id, version=document.version, before=before.document.version)
        note = _note(step, document)
        step.sign("narrow", document, file.digest, before=before.digest.hex(), reason=reason, note=note)
        return one_version(step.conn, document.id, document.version, database.clock.today())


def revoke(database: Database, approval: str, by: Person, *, reason: str) -> list[Standing]:
    """Take an approval back at once: the version in force and any still pending. A second time changes nothing."""
    with change(database, by, *ANYONE) as step:
        versions = step.versions(approval)
        if not versions:
            raise UsageError("その承認はありません。approval list で確かめてください。")
        for view in versions:
            if view.state in PENDING | {State.IN_FORCE}:
                version = view.document.version
                step.run("revoke", approval=approval, version=version, at=database.clock.now())
                step.sign("revoke", view.document, view.digest, reason=reason)
        today = database.clock.today()
        return [standing_of(view, today) for view in step.versions(approval)]


def read_text(path: Path) -> str:
    """The text of an approval's file."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UsageError("ファイルが大きすぎます。承認書（TOML）を指定してください。")
        return content.decode("utf-8")
    except OSError as error:
        raise UsageError("ファイルを開けません。パスと権限を確かめてください。") from error
    except UnicodeDecodeError as error:
        raise UsageError("ファイルがUTF-8のテキストではありません。") from error


def read_opinion(path: Path) -> Council:
    """The council's part out of a file that holds a table `[council]`."""
    return read_council(read_text(path))


def _read(path: Path) -> ApprovalFile:
    text = read_text(path)
    check_text(text)
    return read_approval(text)


def _note(step: Change, document: Approval) -> str:
    return note_line(step.text(document), step.by)


def _write_draft(step: Change, file: ApprovalFile, versions: tuple[ApprovalView, ...], what: str) -> None:
    if any(view.digest == file.digest for view in versions):
        return
    if any(view.state in PENDING for view in versions):
        raise UsageError("起案中または諮問中の版があります。先にその版を進めるか、取り消して（revoke）ください。")
    _is_next(file.approval.version, versions)
    step.insert(file, drafted_by=step.by.person)
    step.sign(what, file.approval, file.digest)


def _is_next(version: int, versions: tuple[ApprovalView, ...]) -> None:
    wanted = max((view.document.version for view in versions), default=0) + 1
    if version != wanted:
        raise UsageError(f"版の番号（version）は {wanted} としてください。")


def _is_own_opinion(step: Change, view: ApprovalView, council: Council) -> None:
    """An opinion is on one version: that of an earlier one says nothing of what was added since."""
    earlier = (each.council for each in step.versions(view.document.id) if each.council is not None)
    if any(council.document_sha256 == each.document_sha256 for each in earlier):
        raise UsageError("この答申は前の版に対するものです。この版についての答申を記録してください。")


def _record_opinion(step: Change, view: ApprovalView, council: Council) -> None:
    document = view.document
    clause_from, clause_to = _clause_dates(document)
    favourable = council.opinion is not Opinion.ADVERSE
    if favourable:
        step.run("supersede", approval=document.id)
    step.run(
        "hear",
        approval=document.id,
        version=document.version,
        state=State.IN_FORCE if favourable else State.HEARD,
        opinion=council.opinion,
        opinion_on=council.opinion_on,
        council=Jsonb(_plain(council)),
        clause_from=clause_from,
        clause_to=clause_to,
        person=step.by.person,
    )


def _clause_dates(document: Approval) -> tuple[date, date | None]:
    """Days on which its clauses are in force; an approval that names one whose words are not held comes into no force."""
    dates = clause_dates(document)
    if dates is None:
        raise RefusedError(
            [("CLAUSE_UNKNOWN", "条文未収録: 法令プロファイルにない条文に基づく承認は効力を持ちません。")]
        )
    return dates


def _plain(council: Council) -> dict[str, Any]:
    """As JSON, its sets in order, so that the same opinion is always the same bytes."""
    return council.model_dump(mode="json") | {"subjects": sorted(council.subjects)}
