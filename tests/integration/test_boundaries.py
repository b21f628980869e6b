"""The boundary table of the default rules, line by line, from canonical feeds through the command line."""

from pathlib import Path

import pytest

from schemas.rules import default_text
from services.platform.database import Database
from tests.boundaries.history import (
    AFTER,
    AHEAD,
    BEFORE,
    BETWEEN,
    FIRST_LOAD,
    FUTURE,
    GUARD,
    JUDGING,
    LATE,
    LATER_LOAD,
    QUIET,
    RECORDED_FIRST,
    RECORDED_LATER,
    RUNS,
    STORIES,
    known_at,
)
from tests.boundaries.lines import MAIN, Line, expected
from tests.boundaries.norms import DEFAULT_LINES, SWITCHED_LINES
from tests.boundaries.overall import OVERALL, SCOPE
from tests.boundaries.poverty import POVERTY, WITHOUT_FEED, matrix
from tests.boundaries.school import SCHOOL
from tests.boundaries.town import JUDGED, Town, check, differences_in, judgements, load, write_norms
from tests.commands import Commands


@pytest.fixture
def run(environ: dict[str, str], city_at_work: Database) -> Commands:
    """The command line of a home whose approvals cover every column."""
    return Commands(environ)


def test_every_line_is_judged_as_the_table_says(run: Commands, tmp_path: Path) -> None:
    lines = list(enumerate([*POVERTY, *SCHOOL, *OVERALL, *SCOPE], 1))
    folder = Town(lines).write(tmp_path / "feeds")
    write_norms(folder)
    found = check(run, lines, load(run, folder, "--initial"))
    assert not found, "\n".join(found)


def test_without_a_feed_of_the_nurturing_level_it_is_unknown(run: Commands, tmp_path: Path) -> None:
    lines = list(enumerate(matrix(WITHOUT_FEED), 1))
    folder = Town(lines).write(tmp_path / "feeds", without=["boshi_hoken", "hoiku"])
    found = check(run, lines, load(run, folder, "--initial"))
    assert not found, "\n".join(found)
    missing = set(run("judge", "--as-of", MAIN.isoformat(), codes=JUDGED)["missing_feeds"])
    assert missing == {"boshi_hoken", "legal_basis", "shien_sochi"}  # and none of those that no rule set reads


def test_a_norm_group_needs_a_hundred_pupils_and_a_rule_set_may_turn_its_switches(
    run: Commands, tmp_path: Path
) -> None:
    folder = Town(enumerate(DEFAULT_LINES, 1)).write(tmp_path / "feeds")
    write_norms(folder)
    children = load(run, folder, "--initial")
    text = default_text()
    for switch, turned in (
        ("low_inclusive = false", "low_inclusive = true "),
        ('dev = "given"   ', 'dev = "computed"'),
    ):
        assert switch in text
        text = text.replace(switch, turned)
    (tmp_path / "switched.toml").write_text(text, "utf-8")
    found = check(run, enumerate(DEFAULT_LINES, 1), children)
    found += check(run, enumerate(SWITCHED_LINES, 1), children, "--rules", tmp_path / "switched.toml")
    assert not found, "\n".join(found)


def test_what_was_known_when(run: Commands, tmp_path: Path) -> None:
    first = Town(((n, Line(each.name, each.first, "")) for n, each in enumerate(LATE, 1)), recorded=RECORDED_FIRST)
    later = Town(recorded=RECORDED_LATER)
    for number, each in enumerate(LATE, 1):
        for fact in filter(None, each.later.split("; ")):
            later.fact(number, fact)
    folder = first.write(tmp_path / "first")
    write_norms(folder)
    load(run.at(FIRST_LOAD), folder, "--initial")
    told = run.at(LATER_LOAD)("feed", "load", later.write_rows(tmp_path / "later"), "--profile", "canonical")
    assert {batch["feed"]: (batch["unchanged"], batch["quarantined"]) for batch in told["batches"]} == {
        "soudan": (1, 1), "oneroster_map": (0, 0),
    }  # fmt: skip
    crosswalk = run.at(JUDGING)("link", "--show", "--as", "auditor.pem")["crosswalk"]
    children = {row["number"]: row["child_id"] for row in crosswalk}
    found: list[str] = []
    for day in (BEFORE, BETWEEN, AFTER):
        judged = run.at(JUDGING)("judge", "--as-of", "2026-08-31", "--known-at", day, codes=JUDGED)
        assert judged["status"] == "trial"
        found += differences_in(judgements(run.at(JUDGING), judged["run"]), known_at(LATE, day), children)
    assert not found, "\n".join(found)


def test_what_lies_in_the_future_is_refused_and_what_may_lie_ahead_is_not(run: Commands, tmp_path: Path) -> None:
    town = Town(recorded=RECORDED_FIRST)
    for number, (_, fact, _) in enumerate(FUTURE, 1):
        town.fact(number, fact)
    for number, (_, fact) in enumerate(AHEAD, 100):
        town.fact(number, fact)
    told = run("feed", "load", town.write_rows(tmp_path / "feeds"), "--profile", "canonical", "--initial")
    refused = {(batch["feed"], rule): count for batch in told["batches"] for rule, count in batch["refusals"].items()}
    assert refused == {(feed, f"{column}: FUTURE"): 1 for feed, _, column in FUTURE}
    assert sum(batch["loaded"] for batch in told["batches"]) == len(AHEAD)


def test_official_runs_follow_one_another_and_the_guard_holds_one_above_its_share(
    run: Commands, tmp_path: Path
) -> None:
    quiet = [Line(f"quiet {n}", "", "raw_category=対象外 category=対象外", on=RUNS[0]) for n in range(QUIET)]
    lines = [(number, line) for number, story in enumerate(STORIES, 1) for line in story.lines()]
    lines += enumerate(quiet, len(STORIES) + 1)
    town = Town((number, line) for number, line in lines if line.on == RUNS[0])
    children = load(run, town.write(tmp_path / "feeds"), "--initial")
    found: list[str] = []
    guarded = []
    for day in RUNS:
        judged = run("judge", "--as-of", day.isoformat(), codes=JUDGED)
        guarded.append(((judged["guard"]["pupils_flagged"], judged["guard"]["pupils"]), judged["status"]))
        asked = [(number, line) for number, line in lines if line.on == day]
        found += differences_in(judgements(run, judged["run"]), asked, children)
    assert not found, "\n".join(found)
    assert guarded == GUARD
    _released_by_two(run, judged["run"])


def _released_by_two(run: Commands, held: str) -> None:
    """A held run is published by nobody, waits after one person's release, and stands after another's."""
    run("publish", "--run", held, codes=(4,))
    run("run", "release", held, "--as", "caseworker.pem", codes=(4,))
    run("run", "release", held, "--as", "caseworker.pem", codes=(4,))  # the same person is not two
    run("run", "release", held, "--as", "admin.pem")
    (status,) = {each["status"] for each in run("run", "list")["runs"] if each["run"] == held}
    assert status == "official"


# Reading 20, in its order.
CODES = [
    "E3_HOGO",
    "E2_TEATE",
    "E2_ENJO",
    "E2_TAX",
    "E1_TEATE",
    "E1_TAX",
    "E1_HOGO_ENDED",
    "E1_ENJO_PREVIOUS",
    "EX_NO_TAX",
    "N3_YOHOGO",
    "N3_ABUSE_12M",
    "N2_YOSHIEN",
    "N2_TOKUTEI_NINPU",
    "N2_ABUSE_36M",
    "N2_VISIT",
    "N1_CHECKUP_MISSED",
    "N1_HOKEN_SHIDO",
    "N1_KATEI_SODAN",
    "NX_FEED_MISSING",
    "T_LT35",
    "T_35_40",
    "T_40_45",
    "T_45_50",
    "T_GE50",
    "CHANGE_FALL",
    "CHANGE_DECLINE",
    "CHANGE_FLAT",
    "CHANGE_UNKNOWN",
    "TX_NO_SCORE",
    "SX_FEW_SCALES",
    "ABSENCE_15",
    "ABSENCE_30",
    "OVERRIDE_N3",
]
KINDS_OF_LOW = ("LOW_", "VERY_LOW_", "DROP_")


def test_every_reason_code_stands_in_some_line() -> None:
    lines = [*POVERTY, *SCHOOL, *OVERALL, *matrix(WITHOUT_FEED)]
    given = frozenset().union(*(expected(line.judged).given for line in lines))
    assert set(CODES) <= given
    rest = {code for code in given - set(CODES) if not code.startswith(KINDS_OF_LOW)}
    assert rest == set()
    assert {kind for kind in KINDS_OF_LOW for code in given if code.startswith(kind)} == set(KINDS_OF_LOW)
