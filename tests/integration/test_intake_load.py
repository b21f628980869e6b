"""Files in, facts out: the whole way of a folder through intake, on a real database."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import UsageError
from schemas.feeds import FEEDS
from services.intake.main import load_folder
from services.platform.database import Database

COMMON = {
    "source_system": "sys",
    "op": "I",
    "event_time": "2026-04-10T09:00:00",
    "effective_from": "2026-04-01",
    "legal_basis_id": "LB1",
    "batch_id": "B1",
}
RESIDENT = COMMON | {
    "atena_no": "1000000012",
    "rireki_no": "1",
    "setai_no": "77",
    "name_kanji": "髙橋 花子",
    "name_kana": "タカハシ ハナコ",
    "kana_confirmed": "true",
    "birth": "2015-06-01",
    "lg_code": "272205",
    "addr_joined": "見守市一丁目1",
    "zokugara": "子",
    "jumin_shubetsu": "日本人",
    "status": "住民",
    "ido_jiyu": "転入",
    "ido_date": "2026-04-01",
}
ACADEMIC = COMMON | {
    "pupil_no": "P1",
    "survey_id": "S",
    "fy": "2026",
    "date": "2026-04-08",
    "grade": "P5",
    "subject": "国",
    "raw": "55.5",
    "dev": "48.5",
    "absent": "false",
}

Row = Mapping[str, str]


@pytest.fixture
def demo(city_at_work: Database) -> Database:
    """A home whose approvals cover every column."""
    return city_at_work


def write(folder: Path, feed: str, *rows: Row, header: list[str] | None = None) -> Path:
    """Write FEED.csv; the header is that of the first row unless it is given."""
    folder.mkdir(parents=True, exist_ok=True)
    names = header or ["source_record_id", *rows[0]]
    lines = [
        ",".join({"source_record_id": str(n), **row}.get(name, "") for name in names) for n, row in enumerate(rows)
    ]
    path = folder / f"{feed}.csv"
    path.write_text("\n".join([",".join(names), *lines]) + "\n", "utf-8")
    return path


def load(database: Database, folder: Path, **options: Any) -> dict[str, Any]:
    """Load a folder; the report of its only file."""
    (report,) = load_folder(database, folder, **options).as_json()["batches"]
    return dict(report)


def fetch(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.connect("intake") as conn:
        return conn.execute(query.encode()).fetchall()


def test_a_resident_is_split_into_fact_and_name(demo: Database, tmp_path: Path) -> None:
    write(tmp_path, "resident", RESIDENT)
    report = load(demo, tmp_path, initial=True)
    assert (report["rows"], report["loaded"], report["quarantined"], report["held"]) == (1, 1, 0, False)
    (fact,) = fetch(demo, "SELECT to_jsonb(r) FROM facts.resident r")
    assert not {"1000000012", "77", "髙橋 花子"} & set(map(str, fact[0].values()))
    joined = (
        "SELECT name_kanji, number FROM facts.resident JOIN identity.resident_name USING (batch, line) "
        "JOIN identity.person ON person.person_key = resident.person_key"
    )
    assert fetch(demo, joined) == [("髙橋 花子", "1000000012")]
    assert fetch(demo, "SELECT initial, seal IS NOT NULL FROM facts.batch") == [(True, True)]


def test_a_file_loaded_twice_changes_nothing(demo: Database, tmp_path: Path) -> None:
    write(tmp_path, "academic", *[ACADEMIC | {"subject": subject} for subject in ("国", "算数", "理")])
    first = load(demo, tmp_path)
    again = load(demo, tmp_path)
    assert (first["loaded"], again["loaded"], again["unchanged"], again["seal"]) == (3, 0, 3, first["seal"])
    assert fetch(demo, "SELECT count(*), (SELECT count(*) FROM facts.batch) FROM facts.academic") == [(3, 1)]


def test_one_changed_row_is_one_new_version_that_revises(demo: Database, tmp_path: Path) -> None:
    rows = [ACADEMIC | {"subject": subject} for subject in ("国", "算数", "理")]
    write(tmp_path / "a", "academic", *rows)
    load(demo, tmp_path / "a")
    write(tmp_path / "b", "academic", rows[0] | {"dev": "51.0"}, *rows[1:])
    assert load(demo, tmp_path / "b")["loaded"] == 1
    assert fetch(demo, "SELECT dev, revises FROM facts.academic ORDER BY batch, line")[-1] == (51, True)


def test_refused_rows_wait_in_quarantine_and_the_rest_loads(demo: Database, tmp_path: Path) -> None:
    bad = [{"subject": "音"}, {"event_time": "2027-01-01T00:00:00"}, {"date": "2026-05-01"}, {"rate": "100.5"}]
    write(tmp_path, "academic", ACADEMIC | {"rate": "9"}, *[ACADEMIC | change for change in bad])
    report = load(demo, tmp_path)
    assert (report["loaded"], report["quarantined"]) == (1, 4)
    found = fetch(demo, "SELECT line, column_name, rule FROM intake.quarantine ORDER BY line")
    assert found == [(3, "subject", "CODE"), (4, "event_time", "FUTURE"), (5, "date", "FUTURE"), (6, "rate", "DECIMAL")]


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_every_feed_loads_an_empty_file(demo: Database, tmp_path: Path, feed: str) -> None:
    names = [column.name for column in FEEDS[feed].columns]
    write(tmp_path, feed, header=names)
    report = load(demo, tmp_path)
    assert (report["rows"], report["errors"], report["held"]) == (0, [], False)
    assert fetch(demo, "SELECT feed FROM facts.batch") == [(feed,)]


def test_initial_is_for_the_first_load_or_its_repetition(demo: Database, tmp_path: Path) -> None:
    write(tmp_path / "a", "academic", ACADEMIC)
    write(tmp_path / "b", "academic", ACADEMIC | {"dev": "40.0"})
    load(demo, tmp_path / "a", initial=True)
    assert load(demo, tmp_path / "a", initial=True)["unchanged"] == 1
    with pytest.raises(UsageError):
        load(demo, tmp_path / "b", initial=True)
