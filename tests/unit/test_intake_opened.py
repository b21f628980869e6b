"""Files prepared ahead: each file's blocks are its own, whatever came of the file before it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.feeds import FEEDS
from schemas.feeds.profile import packaged_profile
from schemas.feeds.rule import Context
from services.intake import source
from services.intake.errors import FileRefusedError
from services.intake.gone import Gone
from services.intake.opened import Ground, Opened, opened

HEADER = (
    "source_system,source_record_id,op,event_time,effective_from,legal_basis_id,batch_id,pupil_no,survey_id,fy,date,grade,"
    "subject,dev,absent"
)
ACADEMIC, KEY = FEEDS["academic"], b"key"
ROWS = 40


def write(path: Path, *, header: str = HEADER, spoiled: bool = False) -> Path:
    rows = [
        f"s,{path.stem}{n},I,2026-04-10T09:00:00,2026-04-01,LB,B,P{n},S,2026,2026-04-09,P5,国,50.0,false"
        for n in range(ROWS)
    ]
    text = "\n".join([header, *rows, ""]).encode()
    path.write_bytes(text + b"\xff\n" if spoiled else text)
    return path


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(source, "CHUNK", 1000)  # several blocks a file
    profile = packaged_profile("canonical")
    assert profile is not None
    contexts = {"academic": Context(datetime(2026, 9, 1, tzinfo=UTC))}
    return Ground(profile, None, contexts, KEY, Gone(frozenset(), KEY))


def test_a_file_left_or_broken_in_the_middle_takes_nothing_from_the_next(ground: Ground, tmp_path: Path) -> None:
    files = [
        write(tmp_path / "left.csv"),
        write(tmp_path / "header.csv", header=f"{HEADER},more"),
        write(tmp_path / "spoiled.csv", spoiled=True),
        write(tmp_path / "whole.csv"),
    ]
    found = opened(ground, [(ACADEMIC, path) for path in files])

    left, blocks = next(found)
    assert isinstance(left, Opened)
    assert next(blocks).rows < ROWS

    header, blocks = next(found)
    assert isinstance(header, FileRefusedError)
    assert (header.code, list(blocks)) == ("EXTRA_COLUMN", [])

    spoiled, blocks = next(found)
    assert isinstance(spoiled, Opened)
    with pytest.raises(FileRefusedError, match="として読めません"):
        list(blocks)

    whole, blocks = next(found)
    assert isinstance(whole, Opened)
    ids = [record for block in blocks for record in block.values["source_record_id"]]
    assert (whole.path, ids) == (files[3], [f"whole{n}" for n in range(ROWS)])
    assert list(found) == []


def test_blocks_are_refused_where_nothing_may_be_taken(ground: Ground, tmp_path: Path) -> None:
    """The gate is asked first, so they are asked for only where an approval has come into force in between."""
    unapproved = Ground(ground.profile, frozenset(), ground.contexts, KEY, ground.gone)
    file, blocks = next(opened(unapproved, [(ACADEMIC, write(tmp_path / "a.csv"))]))
    assert isinstance(file, Opened)
    with pytest.raises(FileRefusedError) as refused:
        next(blocks)
    assert refused.value.code == "APPROVED_SINCE"
