"""The life of a rule set, on a city's own data: tried on past runs, signed by two persons, in force from its day, replaced."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import HeldError, RefusedError, UsageError
from schemas.rules import default_text, load_default
from services.approvals.demo import DOCUMENTS, set_up_demo
from services.gate.people import Person, authenticate
from services.intake.main import load_folder
from services.judgement.look import release_run
from services.judgement.main import judge_city
from services.judgement.store import find_run, list_runs
from services.linkage.main import link_city
from services.platform.database import Database
from services.rulesets import adopted, find_rules
from services.rulesets.adopt import adopt
from services.rulesets.listing import list_rules
from services.simulation.again import judge_again, past_runs
from services.simulation.main import simulate
from tests.conftest import OpenAt
from tests.operating import Operator
from tests.stored import log_faults

DEFAULT = load_default().version
DRAFT, NEXT = "city-draft-1", "city-draft-2"
FROM = date(2026, 10, 1)
DAYS = (date(2025, 8, 31), date(2026, 1, 31), date(2026, 8, 31))


@pytest.fixture
def people(database: Database, synthetic_city: Path, tmp_path: Path) -> dict[str, Person]:
    """The synthetic city loaded and linked, under approvals that name two drafts; its persons."""
    documents = tmp_path / "approvals"
    documents.mkdir()
    for each in DOCUMENTS.glob("approval-*.toml"):
        text = each.read_text("utf-8").replace(
            '["mimamori-default-1.0.0"]', f'["mimamori-default-1.0.0", "{DRAFT}", "{NEXT}"]'
        )
        (documents / each.name).write_text(text, "utf-8")
    set_up_demo(database, documents)
    load_folder(database, synthetic_city / "feeds", profile="demo", initial=True)
    link_city(database)
    folder = database.settings.home / "people"
    return {
        name: authenticate(database, folder / f"{name}.pem") for name in ("drafter", "hearer", "admin", "caseworker")
    }


def _rules(folder: Path, version: str, *changes: tuple[str, str]) -> Path:
    """A city's own file: the default under another version, with changes."""
    text = default_text().replace(f'version = "{DEFAULT}"', f'version = "{version}"')
    for old, new in (*changes, ("percent = 4  #", "percent = 100  #")):
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{version}.toml"
    path.write_text(text, "utf-8")
    return path


def _judge(database: Database, people: dict[str, Person], day: date) -> str:
    """An official run: a held one is released by two persons."""
    report = judge_city(database, as_of=day)
    if report.held:
        with pytest.raises(HeldError):
            release_run(database, report.run, people["hearer"])
        report = release_run(database, report.run, people["admin"])
    assert report.status == "official"
    return report.run


def _states(database: Database) -> dict[str, str]:
    return {each.version: each.state for each in list_rules(database)}


def _codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    return {code for code, _ in refused.value.conditions}


def test_from_a_file_to_the_rule_set_that_judges(
    database: Database, open_at: OpenAt, operator: Operator, people: dict[str, Person], tmp_path: Path
) -> None:
    draft = _rules(tmp_path, DRAFT, ("absence_low_days = 15 ", "absence_low_days = 5 "), ("(15日以上)", "(5日以上)"))
    out = tmp_path / "page"

    def tried(*runs: str) -> Any:
        return simulate(database, DEFAULT, str(draft), runs=runs, last=6, out=out, tell=lambda _: None)

    with pytest.raises(UsageError, match="正式な判定"):
        tried()
    judged = [_judge(database, people, day) for day in DAYS]
    trial = judge_city(database, as_of=DAYS[-1], rules=load_default().model_copy(update={"version": "tried-once"}))
    with pytest.raises(UsageError, match=trial.run):
        tried(trial.run)
    for refused_file, codes in (
        (draft, {"RULES_NOT_SIMULATED"}),
        (_rules(tmp_path, "unheard-of"), {"RULES_NOT_SIMULATED", "RULES_NOT_APPROVED"}),
        (_rules(tmp_path, "loose", ('"guard" = { kind = "proposal" }\n', "")), {"RULES_LINT"}),
    ):
        with pytest.raises(RefusedError) as refused:
            adopt(database, refused_file, effective_from=FROM, by=people["drafter"])
        assert _codes(refused) == codes
    assert not out.exists()

    _changes_stand_with_their_groups(operator, judged)
    _judged_again_a_run_says_what_it_said(database)

    before = _reports(database)
    answer = operator.json("rules", "simulate", DEFAULT, draft, "--runs", "3", "--out", out)
    assert answer["runs"] == judged
    assert _reports(database) == before
    _page_is_of_published_counts_alone(out)
    assert _states(database)[DRAFT] == "simulated"

    with pytest.raises(HeldError):
        adopt(database, draft, effective_from=FROM, by=people["drafter"])
    with pytest.raises(HeldError):
        adopt(database, draft, effective_from=FROM, by=people["drafter"])  # the same person again is no second one
    assert _states(database)[DRAFT] == "signed"
    with pytest.raises(RefusedError) as refused:
        adopt(database, draft, effective_from=FROM, by=people["caseworker"])
    assert _codes(refused) == {"ROLE_NOT_HELD"}
    key = database.settings.home / "people" / "hearer.pem"
    done = operator.json("rules", "adopt", draft, "--from", str(FROM), "--as", key)
    assert (done["version"], done["persons"]) == (DRAFT, ["drafter", "hearer"])
    assert _states(database) == {DEFAULT: "adopted", DRAFT: "coming", "tried-once": "known"}

    impostor = _rules(tmp_path, DEFAULT)  # other rules under a name that the approval knows
    follower = _rules(tmp_path, NEXT)
    simulate(database, DRAFT, str(follower), runs=judged[-1:], last=1, out=tmp_path / "next", tell=lambda _: None)
    with pytest.raises(RefusedError) as refused:
        adopt(database, follower, effective_from=FROM, by=people["drafter"])
    assert _codes(refused) == {"RULES_DATES_OVERLAP"}
    with pytest.raises(RefusedError) as refused:
        adopt(database, impostor, effective_from=date(2026, 8, 31), by=people["drafter"])
    assert _codes(refused) == {
        "RULES_NOT_SIMULATED", "RULES_VERSION_TAKEN", "RULES_DATE_PAST", "RULES_DATES_OVERLAP",
    }  # fmt: skip

    later = open_at("2026-10-01T00:00")
    assert _states(later)[DRAFT] == "adopted" and _states(later)[DEFAULT] == "replaced"
    with database.connect("analyst") as conn:
        assert adopted(conn, date(2026, 9, 30)).version == DEFAULT
        assert adopted(conn, FROM).version == DRAFT
        manifest = find_rules(conn, adopted(conn, FROM).digest())
    assert manifest is not None and manifest.version == DRAFT
    run = judge_city(later, as_of=DAYS[-1])
    assert (run.rules, run.status) == (DRAFT, "official")
    assert judge_city(later, as_of=DAYS[-1], rules=load_default()).status == "trial"
    assert log_faults(later) == []


def _reports(database: Database) -> list[dict[str, Any]]:
    with database.connect("analyst") as conn:
        return [report.json() for report in list_runs(conn)]


def _changes_stand_with_their_groups(operator: Operator, judged: list[str]) -> None:
    """Of every child it is said whether it is new, gone, up, down or the same; every share has both its numbers."""
    first, *_, last = [operator.json("run", "show", run, "--changes") for run in judged]
    assert first["previous"] is None and first["changes"]["first_flagged"] == first["changes"]["flagged"]
    counts, report = last["changes"], operator.json("run", "show", judged[-1])
    assert last["previous"] == judged[-2]
    assert sum(counts[each] for each in ("entered", "rose", "fell", "same")) == report["children"]
    assert 0 < counts["unmarked"]["unmarked"] < counts["unmarked"]["flagged"] == counts["flagged"]
    assert 0 < counts["first_flagged"] < counts["flagged"]
    assert sum(each["children"] for each in counts["grades"].values()) == report["children"]
    assert sum(each["flagged"] for each in counts["grades"].values()) == counts["flagged"]
    assert [each["as_of"] for each in last["trend"]] == [day.isoformat() for day in DAYS]
    look = operator.json("run", "show", judged[-1], "--changes", "--as", operator.home / "people" / "auditor.pem")
    listed = Counter(child["change"] for child in look["children"])
    assert sum(child["first_flagged"] for child in look["children"]) == counts["first_flagged"]
    assert listed == {change: counts[change] for change in ("entered", "left", "rose", "fell") if counts[change]}


def _judged_again_a_run_says_what_it_said(database: Database) -> None:
    """By the rule set that judged it, hysteresis included."""
    with database.connect("analyst") as conn:
        seal = conn.execute("SELECT seal FROM platform.seal_head").fetchone()
        assert seal is not None
        runs = past_runs(conn, seal=seal[0])
        again = judge_again(conn, runs, load_default(), seal=seal[0], tell=lambda _: None)
        said = {each.past.run: dict(each.children.group_by("category").len().iter_rows()) for each in again}
        assert said == {each.run: find_run(conn, each.run).categories for each in runs}


def _page_is_of_published_counts_alone(out: Path) -> None:
    """Every number of children in the figures is rounded, and the page says what it is."""
    figures = json.loads((out / "simulation.json").read_text("utf-8"))
    tables = {table["name"]: table for table in figures["tables"]}
    assert set(tables) == {
        "rule_changes", "sizes", "moves", "by_school", "by_grade", "by_sex", "by_nationality", "by_area", "measured",
    }  # fmt: skip
    counts = [cell for table in tables.values() for row in table["rows"] for cell in row if isinstance(cell, int)]
    assert counts and all(count % 10 == 0 for count in counts)
    assert len(tables["sizes"]["rows"]) == 2 * len(DAYS)
    assert [(row[0], row[2], row[3], row[5]) for row in tables["rule_changes"]["rows"]] == [
        ("非認知能力等判定", "15", "5", "noncognitive.absence_low_days"),
        ("人数の上限", "4", "100", "guard.percent"),
        ("理由の文", "直近1年の欠席が ○ 日です(15日以上)", "直近1年の欠席が ○ 日です(5日以上)", "sentences.ABSENCE_15"),
    ]
    page = (out / "simulation.html").read_text("utf-8")
    assert "<script" not in page and "http" not in page
    assert "判定には使いません" in page and "だれの判定も" in page
    for line in (out / "SHA256SUMS").read_text("utf-8").splitlines():
        assert (out / line.partition("  ")[2]).is_file()
