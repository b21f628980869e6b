"""What the council reads of duties and of acts in an emergency: how many, and never of whom."""

import csv
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from services.approvals.demo import DOCUMENTS, set_up_demo
from services.approvals.main import draft, hear, read_opinion, submit
from services.council.main import report
from services.gate import Request, decide
from services.gate.emergencies import emergencies, review
from services.platform.database import Database
from tests.factories_casework import person

OpenAt = Callable[[str], Database]
FILE = DOCUMENTS / "approval-emergency.toml"
LOOK = Request(act="look", items=("judgement.category",), classes=("children_0_18",), role="analyst", person="auditor")


def _table(out: Path, name: str) -> list[list[str]]:
    with (out / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def _looks(database: Database, count: int) -> list[UUID]:
    """Looks at so many children, each in an emergency."""
    urgent = [
        Request(act="look", items=LOOK.items, classes=LOOK.classes, role="analyst", child=UUID(int=number),
                person="auditor", emergency="通報")
        for number in range(count)
    ]  # fmt: skip
    with database.connect("analyst") as conn:
        decisions = decide(conn, urgent, today=database.clock.today())
    assert all(each.outcome == "permit" for each in decisions)
    return [each.id for each in decisions]


def test_duties_and_reviews_are_counted(database: Database, open_at: OpenAt, tmp_path: Path) -> None:
    set_up_demo(database)
    draft(database, FILE, person(database, "drafter"))
    submit(database, "approval-emergency", person(database, "drafter"))
    hear(database, "approval-emergency", read_opinion(FILE), person(database, "hearer"))
    with database.connect("analyst") as conn:
        decide(conn, [LOOK], today=database.clock.today())
    done = _looks(database, 15)
    reviewed, late = open_at("2026-09-04T23:00"), open_at("2026-09-05T01:00")
    for decision in done[:5]:
        review(reviewed, decision, person(reviewed, "hearer"), "justified", reason="妥当")
    for decision in done[5:9]:
        review(late, decision, person(late, "hearer"), "justified", reason="遅れた")

    report(late, quarter="FY2026Q2", out=tmp_path / "out")
    assert _table(tmp_path / "out", "emergencies") == [
        ["妥当（期日まで）", "10"],  # 5
        ["不当（期日まで）", "0"],
        ["期日の後に確認", "0"],  # 4
        ["期日を過ぎて確認なし", "10"],  # 6
        ["期日前で確認待ち", "0"],
        ["合計", "20"],  # 15
    ]
    (duty,) = _table(tmp_path / "out", "duties")
    assert duty[1:] == ["REPORT_TO_COUNCIL", "1件", "0件", "0件"]
    assert "通報" not in (tmp_path / "out" / "report.html").read_text("utf-8")
    report(late, quarter="FY2026Q2", out=tmp_path / "out")  # the first did the duty to report
    (duty,) = _table(tmp_path / "out", "duties")
    assert duty[1:] == ["REPORT_TO_COUNCIL", "1件", "1件", "0件"]
    with late.connect("council") as conn:
        assert len(emergencies(conn)) == 15
