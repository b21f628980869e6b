"""The council's report on a real log: counts, range, rounding, refusal, what may be replaced and what the role may read."""

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from schemas.errors import RefusedError, UsageError
from schemas.records.person import Role
from schemas.rules import load_default
from services.approvals.demo import set_up_demo
from services.approvals.main import revoke
from services.casework.queue import act_on, take_up
from services.council.main import report
from services.council.wording import ACTS, OUTCOMES
from services.gate import Request, decide
from services.gate.people import add_person, authenticate
from services.platform.database import Database
from services.platform.keyfiles import create_key, public_bytes
from services.publication.main import publish_run
from services.publication.relay import relay
from tests.run_rows import say

OpenAt = Callable[[str], Database]
OFFICE = "子ども成長見守り室"
CATEGORIES = {"重点支援Ⅰ": 3, "重点支援Ⅱ": 14, "見守りⅠ": 1042, "要データ確認": 25, "対象外": 11_251}
RULES = load_default().version


@pytest.fixture
def demo(city_at_work: Database) -> Database:
    """The demo's persons and approvals."""
    return city_at_work


def _decide(database: Database, role: str, act: str, items: tuple[str, ...], times: int = 1, **more: Any) -> list[UUID]:
    """Some decisions of one kind, in one transaction."""
    request = Request(act=act, items=items, classes=("children_0_18",), **({"role": role} | more))
    with database.connect(role) as conn:
        return [d.id for d in decide(conn, [request] * times, today=database.clock.today())]


def _judge(database: Database, run: str, *, status: str = "official", root: bytes | None = None) -> None:
    """One run with CATEGORIES and the permit it rests on. root: what the log is told, if another than the run's own."""
    with database.connect("analyst") as conn:
        own = conn.execute("SELECT sha256(%s)", (run.encode(),)).fetchall()[0][0]
        request = Request(
            act="simulate" if status == "trial" else "judge", items=("judgement.category",), classes=("children_0_18",),
            rules=None if status == "trial" else RULES, role="analyst",
        )  # fmt: skip
        decision = decide(conn, [request], today=database.clock.today(), root=(root or own).hex())[0]
        seal = conn.execute("SELECT platform.give_seal('run')").fetchall()[0][0]
        conn.execute(
            "INSERT INTO judgement.run (run, as_of, known_at, seal, rules, status, manifest, root, children, categories, summary, decision)"
            " VALUES (%s, '2026-08-31', platform.now(), %s, %s, %s, '', %s, %s, %s, '{\"missing_feeds\": [\"soudan\"]}', %s)",
            (run, seal, RULES, status, own, sum(CATEGORIES.values()), Jsonb(CATEGORIES), decision.id),
        )  # fmt: skip


def _load(database: Database, feed: str, rows: int, refused: int) -> None:
    """One batch and the permit it rests on."""
    with database.connect("intake") as conn:
        request = Request(act="collect", items=(f"{feed}.source_record_id",), classes=("children_0_18",), role="intake")
        decision = decide(conn, [request], today=database.clock.today())[0]
        seal, at = conn.execute("SELECT seal, platform.now() FROM platform.give_seal('batch') AS seal").fetchall()[0]
        conn.execute(
            "INSERT INTO facts.batch (batch, feed, file, digest, profile, initial, kept, dropped, rows, loaded, unchanged,"
            " quarantined, tombstones, warnings, seal, sealed_at, decision)"
            " VALUES (%s, %s, 'f.csv', sha256(''), 'canonical', false, '{}', '{}', %s, %s, 0, %s, 0, '{}', %s, %s, %s)",
            (seal, feed, rows, rows - refused, refused, seal, at, decision.id),
        )


def _leaves(database: Database) -> list[dict[str, Any]]:
    with database.connect("auditor") as conn:
        rows = conn.execute("SELECT convert_from(leaf, 'UTF8') FROM ledger.entry ORDER BY index").fetchall()
    return [json.loads(leaf) for (leaf,) in rows]


def _table(out: Path, name: str) -> list[list[str]]:
    with (out / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def _page(out: Path) -> str:
    return (out / "report.html").read_text("utf-8")


def _rounded(count: int) -> str:
    return str((count + 5) // 10 * 10)


def _work(database: Database, times: int) -> None:
    """Loads, permits to publish, one more each, and refusals, two more."""
    _decide(database, "intake", "collect", ("resident.atena_no", "soudan.case_no"), times)
    _decide(database, "publisher", "publish", ("judgement.category",), times + 1, recipient=OFFICE, rules=RULES)
    _decide(database, "publisher", "publish", ("judgement.category",), times + 2, recipient="別の課", rules=RULES)


def test_acts_are_counted_from_the_quarters_entries_alone(open_at: OpenAt, tmp_path: Path) -> None:
    set_up_demo(open_at("2026-06-30T12:00"))
    last, after = open_at("2026-09-30T23:59"), open_at("2026-10-01T00:00")
    _work(open_at("2026-06-30T23:59"), 17)
    _work(open_at("2026-07-01T00:00"), 23)
    _work(last, 34)
    people = last.settings.home / "people"
    for number in range(7):
        key = public_bytes(create_key(people / f"more-{number}.pem"))
        add_person(last, f"more-{number}", key, (Role.CASEWORKER,), authenticate(last, people / "admin.pem"))
    _work(after, 41)
    report(after, quarter="FY2026Q2", out=tmp_path / "out")
    mine = [leaf for leaf in _leaves(after) if "2026-07-01" <= leaf["day"] <= "2026-09-30"]
    decisions = [leaf for leaf in mine if leaf["kind"] == "decision"]

    counted = Counter((ACTS[leaf["act"]], OUTCOMES[leaf["decision"]]) for leaf in decisions)
    rows = _table(tmp_path / "out", "acts")
    totals = Counter(leaf["decision"] for leaf in decisions)
    assert {(row[0], row[1]): row[-1] for row in rows[:-2]} == {key: _rounded(n) for key, n in counted.items()}
    assert [row[-1] for row in rows[-2:]] == [_rounded(totals["permit"]), _rounded(totals["refuse"])]
    assert {row[3] for row in rows[:-2]} == {"approval-2 第1版"}

    offices = Counter(leaf.get("recipient") for leaf in decisions if leaf["decision"] == "permit")
    assert [row[-1] for row in _table(tmp_path / "out", "recipients") if row[0] == OFFICE] == [
        _rounded(offices[OFFICE])
    ]
    items = {row[0]: row[1:] for row in _table(tmp_path / "out", "items")}
    assert items["判定の結果"] == [_rounded(59), _rounded(61)]
    assert items["住民"] == items["相談・要対協"] == [_rounded(57), "0"]
    assert len(mine) - len(decisions) == 7
    assert _table(tmp_path / "out", "procedures") == [["職員の登録と取消し", "10"], ["合計", "10"]]

    indexes = [leaf["index"] for leaf in mine]
    assert f"#{min(indexes)}から#{max(indexes)}まで" in _page(tmp_path / "out")
    assert len(indexes) == max(indexes) - min(indexes) + 1
    assert "のうち、日付がこの期間のもの" not in _page(tmp_path / "out")
    assert _leaves(after)[-1]["act"] == "report"  # and is not counted


def test_where_the_clock_was_set_back_the_page_says_that_not_all_of_the_range_is_counted(
    demo: Database, open_at: OpenAt, tmp_path: Path
) -> None:
    _decide(open_at("2026-12-01T09:00"), "intake", "collect", ("resident.atena_no",), 30)
    _decide(demo, "intake", "collect", ("resident.atena_no",), 20)
    report(demo, quarter="FY2026Q2", out=tmp_path / "out")
    assert "のうち、日付がこの期間のもの" in _page(tmp_path / "out")
    assert _table(tmp_path / "out", "acts")[0][-1] == "20"


def test_every_count_is_rounded_and_the_page_says_the_same_as_the_files(demo: Database, tmp_path: Path) -> None:
    _load(demo, "resident", 27_004, 123)
    _load(demo, "soudan", 44, 3)
    _judge(demo, "run-1")
    files = report(demo, quarter="FY2026Q2", out=tmp_path / "out")
    page = _page(tmp_path / "out")
    for path in files[1:]:
        for row in _table(tmp_path / "out", path.stem):
            for cell in row:
                if cell.isdecimal():
                    assert int(cell) % 10 == 0
                    assert f'<td class="n">{int(cell):,}</td>' in page
    on_page = [
        int(n.replace(",", ""))
        for n in re.findall(r"([\d,]+)(?:人|件)(?![ぁ-ん])", re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL))
    ]
    assert 12_340 in on_page
    shown = [row[1:] for row in _table(tmp_path / "out", "candidates")]
    assert shown == [
        ["0", "約0%"], ["10", "約0%"], ["1040", "約8%"], ["0", "約0%"], ["0", "約0%"], ["30", "約0%"], ["11250", "約91%"],
        ["0", "約0%"], ["12340", "約100%"], ["0", "―"],
    ]  # fmt: skip
    feeds = {row[0]: row[2:] for row in _table(tmp_path / "out", "feeds")}
    assert feeds["住民"] == ["届いた", "27000", "120", "約0%", "2026-09-01"]
    assert feeds["相談・要対協"] == ["届いた（判定の後）", "40", "0", "―", "2026-09-01"]
    assert feeds["世帯"] == ["この期間はなし", "―", "―", "―", "―"]
    assert feeds["合計"] == ["", "27050", "130", "約0%", ""]


def test_the_page_runs_nothing_and_fetches_nothing(demo: Database, tmp_path: Path) -> None:
    _judge(demo, "run-1")
    report(demo, quarter="FY2026Q2", out=tmp_path / "out")
    page = _page(tmp_path / "out")
    assert re.findall(r"<script|<link|<img|<iframe|src=|href=|url\(|@import|https?:|\son\w+=", page) == []
    assert "<svg" in page


def test_runs_stand_against_log_and_approval(demo: Database, open_at: OpenAt, tmp_path: Path) -> None:
    _judge(open_at("2026-06-30T12:00"), "of-last-quarter")
    _judge(demo, "first")
    _judge(demo, "held", status="held")
    _judge(demo, "tried", status="trial")
    _judge(demo, "altered", root=b"\0" * 32)
    report(demo, quarter="FY2026Q2", out=tmp_path / "out")
    rows = {row[0]: row for row in _table(tmp_path / "out", "runs")}
    assert {name: (row[2], row[6], row[8]) for name, row in rows.items()} == {
        "first": ("正式", "12340", "一致"),
        "held": ("保留（解除待ち）", "12340", "一致"),
        "tried": ("試算", "―", "一致"),
        "altered": ("正式", "12340", "不一致"),
    }
    assert "判定 held は" in _page(tmp_path / "out")


def test_candidates_are_followed_to_what_people_did_by_the_end_of_the_quarter(
    demo: Database, open_at: OpenAt, tmp_path: Path
) -> None:
    _judge(demo, "run-1")
    with demo.connect("analyst") as conn:
        say(conn, "run-1", [UUID(int=number) for number in range(28)], category="重点支援Ⅱ")
    assert publish_run(demo).published == 28
    assert (relay(demo), take_up(demo)) == (28, 28)
    with demo.connect("casework") as conn:
        alerts = [alert for (alert,) in conn.execute("SELECT alert FROM casework.item ORDER BY alert")]
    caseworker = authenticate(demo, demo.settings.home / "people" / "caseworker.pem")
    for alert in alerts[:8]:
        act_on(demo, alert, "watch", "AWAITING_DATA", caseworker, load_default())
    for alert in alerts[:6]:
        act_on(demo, alert, "dismiss", "NO_NEED", caseworker, load_default())
    for alert in alerts[8:]:
        act_on(open_at("2026-10-01T09:00"), alert, "dismiss", "NO_NEED", caseworker, load_default())
    report(demo, quarter="FY2026Q2", out=tmp_path / "out")
    rows = _table(tmp_path / "out", "queue")
    assert [row[0] for row in rows] == [
        "重点支援Ⅰ",
        "重点支援Ⅱ",
        "見守りⅠ",
        "見守りⅡ",
        "見守りⅡ(教育)",
        "要データ確認",
        "合計",
    ]
    assert rows[1][1:] == rows[-1][1:] == ["20", "0", "0", "10"]  # 20 new, 2 watched, 6 dismissed
    reasons = {row[1]: row[2] for row in _table(tmp_path / "out", "closings") if row[2] != "0"}
    assert reasons == {
        "データの確認を待つ": "10",
        "確認の結果、支援の必要がなかった": "10",
        "": "10",
    }  # 8, 6, 14 in all


def test_a_quarter_without_anything_is_a_report_too(demo: Database, tmp_path: Path) -> None:
    report(demo, quarter="FY2026Q1", out=tmp_path / "out")
    page = _page(tmp_path / "out")
    assert "判定なし" in page
    assert "期間の途中" not in page
    assert _table(tmp_path / "out", "runs") == []
    assert {row[2] for row in _table(tmp_path / "out", "feeds")[:-1]} == {"この期間はなし"}


def test_a_report_again_replaces_the_first(demo: Database, tmp_path: Path) -> None:
    first = report(demo, quarter="FY2026Q2", out=tmp_path / "out")
    assert "期間の途中の報告" in _page(tmp_path / "out")
    _judge(demo, "run-1")
    assert report(demo, quarter="FY2026Q2", out=tmp_path / "out") == first
    assert [row[0] for row in _table(tmp_path / "out", "runs")] == ["run-1"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []
    assert [leaf["decision"] for leaf in _leaves(demo) if leaf.get("act") == "report"] == ["permit", "permit"]


def test_with_the_approval_revoked_nothing_is_written_and_the_log_holds_the_refusal(
    demo: Database, environ: dict[str, str], tmp_path: Path
) -> None:
    report(demo, quarter="FY2026Q2", out=tmp_path / "old")
    revoke(demo, "approval-2", authenticate(demo, demo.settings.home / "people" / "hearer.pem"), reason="試験")
    old = _page(tmp_path / "old")
    with pytest.raises(RefusedError) as refusal:
        report(demo, quarter="FY2026Q2", out=tmp_path / "old")
    assert "APPROVAL_NOT_IN_FORCE" in {code for code, _ in refusal.value.conditions}
    assert _page(tmp_path / "old") == old
    command = [
        sys.executable,
        "-m",
        "services.cli.main",
        "report",
        "council",
        "--json",
        "--quarter",
        "FY2026Q2",
        "--out",
    ]
    ended = subprocess.run(
        [*command, str(tmp_path / "x" / "new")], env=environ, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 3
    assert [each["code"] for each in json.loads(ended.stdout)["conditions"]] == [
        code for code, _ in refusal.value.conditions
    ]
    assert not (tmp_path / "x").exists()
    assert [(leaf["act"], leaf["decision"]) for leaf in _leaves(demo)[-2:]] == [("report", "refuse")] * 2


def test_a_quarter_that_has_not_begun_and_a_foreign_folder_are_refused_as_usage(demo: Database, tmp_path: Path) -> None:
    entries = len(_leaves(demo))
    with pytest.raises(UsageError, match="まだ始まっていません"):
        report(demo, quarter="FY2026Q3", out=tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "report.html").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="ほかのファイル"):
        report(demo, quarter="FY2026Q2", out=tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["report.html"]
    assert not (tmp_path / "out").exists()
    assert len(_leaves(demo)) == entries


@pytest.mark.parametrize("files", [1, 6, 12])
def test_killed_while_writing_the_old_report_stands_and_the_next_call_makes_the_new(
    demo: Database, environ: dict[str, str], tmp_path: Path, files: int
) -> None:
    out, unfinished = tmp_path / "out", tmp_path / ".out.unfinished"
    report(demo, quarter="FY2026Q2", out=out)
    old = _page(out)
    command = [
        sys.executable,
        "-m",
        "services.cli.main",
        "report",
        "council",
        "--quarter",
        "FY2026Q2",
        "--out",
        str(out),
    ]
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and (not unfinished.exists() or len(list(_listed(unfinished))) < files):
            pass
        process.kill()
    whole = out if out.exists() else tmp_path / ".out.replaced"
    assert len(list(whole.iterdir())) == 18
    assert _page(whole).count("</html>") == 1
    report(demo, quarter="FY2026Q2", out=out)
    assert len(list(out.iterdir())) == 18
    assert old.count("</html>") == 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []


def _listed(folder: Path) -> Iterator[Path]:
    """Its files; none where it has just been renamed."""
    try:
        yield from folder.iterdir()
    except FileNotFoundError:
        return


@pytest.mark.parametrize(
    "query",
    [
        "SELECT raw FROM intake.quarantine", "SELECT * FROM intake.quarantine", "SELECT * FROM identity.person",
        "SELECT * FROM facts.resident", "SELECT * FROM judgement.judgement", "SELECT * FROM ledger.detail",
    ],
)  # fmt: skip
def test_the_council_reads_no_raw_text_and_nothing_of_a_person(database: Database, query: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), database.connect("council") as conn:
        conn.execute(query.encode())
