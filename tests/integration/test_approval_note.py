"""An approval as a signed note: whoever has the two public keys can check a kept file without the service."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from models.tlog.note import NoteError, read_verifier_key, verified
from schemas.errors import UsageError
from services.approvals.demo import DOCUMENTS
from services.approvals.main import draft, narrow, submit
from services.approvals.note import NoteDiffersError, signed_note
from services.platform.database import Database
from tests.conftest import City
from tests.factories_casework import person

TEXT = (DOCUMENTS / "approval-2.toml").read_text("utf-8")


def _written(folder: Path, *changes: tuple[str, str]) -> Path:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "approval.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_note_is_the_document_with_both_signatures(city_at_work: Database) -> None:
    signed = signed_note(city_at_work, "approval-2", 1)
    opened = verified(signed.note, [read_verifier_key(key) for key in signed.keys])
    assert (opened.text, opened.names) == (TEXT, ("mimamori/drafter", "mimamori/hearer"))


def test_a_kept_note_with_another_word_is_opened_by_nobody(city_at_work: Database) -> None:
    signed = signed_note(city_at_work, "approval-2", 1)
    with pytest.raises(NoteError):
        verified(signed.note.replace("2031-03-31", "2099-03-31"), [read_verifier_key(key) for key in signed.keys])


def test_the_command_prints_the_note_to_the_byte(city_at_work: Database, city: City) -> None:
    key = str(city_at_work.settings.home / "people" / "auditor.pem")
    command = [sys.executable, "-m", "services.cli.main", "approval", "show", "approval-2", "--note", "--as", key]
    printed = subprocess.run(command, env=city.environ, capture_output=True, check=True).stdout.decode()
    assert printed == signed_note(city_at_work, "approval-2", 1).note


def test_what_was_submitted_bears_one_signature_and_a_draft_none(city_at_work: Database, tmp_path: Path) -> None:
    drafter = person(city_at_work, "drafter")
    draft(city_at_work, _written(tmp_path, ('id = "approval-2"', 'id = "approval-3"')), drafter)
    with pytest.raises(UsageError, match="署名がありません"):
        signed_note(city_at_work, "approval-3", 1)
    submit(city_at_work, "approval-3", drafter)
    assert len(signed_note(city_at_work, "approval-3", 1).keys) == 1


def test_a_narrower_version_bears_the_line_of_who_narrowed_it(city_at_work: Database, tmp_path: Path) -> None:
    path = _written(tmp_path, ("version = 1", "version = 2"), ('"person.school", ', ""))
    narrow(city_at_work, path, person(city_at_work, "hearer"), reason="学校名は要らない")
    signed = signed_note(city_at_work, "approval-2", 2)
    opened = verified(signed.note, [read_verifier_key(key) for key in signed.keys])
    assert (opened.text, opened.names) == (path.read_text("utf-8"), ("mimamori/hearer",))


def test_a_text_without_a_last_line_end_is_signed_with_one(city_at_work: Database, tmp_path: Path) -> None:
    path = _written(tmp_path, ('id = "approval-2"', 'id = "approval-3"'))
    path.write_text(path.read_text("utf-8").removesuffix("\n"), "utf-8")
    drafter = person(city_at_work, "drafter")
    draft(city_at_work, path, drafter)
    submit(city_at_work, "approval-3", drafter)
    assert len(signed_note(city_at_work, "approval-3", 1).keys) == 1


def test_a_text_that_no_note_can_hold_is_not_drafted(city_at_work: Database, tmp_path: Path) -> None:
    path = _written(tmp_path, ('id = "approval-2"', 'id\t= "approval-3"'))
    with pytest.raises(UsageError, match="制御文字"):
        draft(city_at_work, path, person(city_at_work, "drafter"))


def test_a_line_altered_in_the_database_is_not_handed_out(city_at_work: Database) -> None:
    with city_at_work.admin() as conn:
        rows = conn.execute(
            "SELECT event, statement FROM gate.approval_event WHERE approval = 'approval-2' AND what = 'hear'"
        ).fetchall()
        statement = json.loads(rows[0][1])
        drafted = conn.execute(
            "SELECT statement FROM gate.approval_event WHERE approval = 'approval-1' AND what = 'hear'"
        ).fetchall()[0][0]
        statement["note"] = json.loads(drafted)["note"]
        conn.execute(
            "UPDATE gate.approval_event SET statement = %s WHERE event = %s",
            (json.dumps(statement).encode(), rows[0][0]),
        )
    with pytest.raises(NoteDiffersError):
        signed_note(city_at_work, "approval-2", 1)
