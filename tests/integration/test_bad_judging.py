"""Records that contradict themselves, marks that cannot be, keys that were wrong: each is judged in a defined way, or named."""

from pathlib import Path
from typing import Any

import pytest

from services.platform.database import Database
from tests.boundaries.lines import MAIN, Line
from tests.boundaries.town import JUDGED, Town, differences_in, judgements, load, numbers, write_norms
from tests.commands import Commands

SMALL_GRADE = "2019-06-01"  # P1 in fiscal 2026
FULL_MARKS = "survey_id,fy,grade,subject,max\nSTEP,2026,P6,国,100\n"


@pytest.fixture
def run(environ: dict[str, str], city_at_work: Database) -> Commands:
    """The command line of a home whose approvals cover every column."""
    return Commands(environ)


def _three_pupils() -> list[Line]:
    """All of one grade: no norm of the city, so marks alone give no score; results stand against the form's own norm, if any."""
    forms = {
        40: "life_scale scale_code=habits score=3",
        50: "life_scale form_version=G scale_code=habits score=3",
        60: "",
    }
    return [
        Line(
            f"a grade of three: {raw} marks",
            "; ".join(filter(None, [f"academic grade=P1 raw={raw}; academic grade=P1 subject=算数 raw={raw}", form])),
            f"t=null learning=X +TX_NO_SCORE habits={'30.0' if raw == 40 else 'null'}",
            SMALL_GRADE,
        )
        for raw, form in forms.items()
    ]


LINES = [
    Line("spells that overlap, one of which never ends",
         "seikatsu_hogo start=2010-01-01; seikatsu_hogo case_no=X@child start=2012-01-01 end=2026-01-01",
         "economic=E3 +E3_HOGO -E1_HOGO_ENDED"),
    Line("a registration that ended before it began is never in force", "soudan received=2026-05-20 closed=2026-05-01",
         "nurturing=N0"),
    Line("a grant that ends before it begins is never in force", "shugaku_enjo from=2026-08-01 to=2026-04-30", "economic=E0"),
    Line("a mark above the maximum is refused, and its score with it",
         "academic raw=101 dev=40.0; academic subject=算数 dev=40.0", "t=null learning=X +TX_NO_SCORE"),
    Line("a mark at the maximum is taken", "academic raw=100 dev=40.0; academic subject=算数 dev=40.0", "t=40.0"),
    Line("a rate above 100 is refused, and its score with it",
         "academic rate=100.1 dev=40.0; academic subject=算数 dev=40.0", "t=null learning=X +TX_NO_SCORE"),
    Line("two scores for one subject: the lower, with a warning", "T 50.0; academic dev=40.0", "t=45.0"),
    Line("a form without a key gives no scale, with a warning", "life_answer form_version=Q item_code=q1 answer=4",
         "motivation=null noncognitive=X +SX_FEW_SCALES"),
    Line("a child in two households: that of the resident register's latest row, with a warning",
         "seikatsu_hogo; resident setai_no=8@child effective_from=2026-05-01; household", "economic=EX -E3_HOGO"),
    *_three_pupils(),
]  # fmt: skip


def test_every_contradiction_has_its_result(run: Commands, tmp_path: Path) -> None:
    lines = list(enumerate(LINES, 1))
    folder = Town(lines).write(tmp_path / "feeds")
    write_norms(folder)
    (folder / "survey_max.csv").write_text(FULL_MARKS, "utf-8")
    children = load(run, folder, "--initial", refused=frozenset({"raw: ABOVE_MAX", "rate: DECIMAL"}))
    judged = run("judge", "--as-of", MAIN.isoformat(), codes=JUDGED)
    found = list(differences_in(judgements(run, judged["run"]), lines, children))
    assert not found, "\n".join(found)
    named = {"two_scores": 1, "no_key": 1, "household_disagrees": 1}
    assert {code: judged["warnings"].get(code) for code in named} == named


def test_a_run_at_the_turn_of_the_school_year_is_of_the_day_it_is_asked_for(run: Commands, tmp_path: Path) -> None:
    """The clock passes midnight between two runs: the day judged does not change with it, the next day is a new grade."""
    marks = "; ".join(
        f"academic fy=2025 date=2025-05-12 grade=J3 dev=40.0 subject={subject}" for subject in ("国", "算数")
    )
    people = [("J3, then H1", marks, "2010-06-01"), ("pre-school, then P1", "", SMALL_GRADE)]
    town = Town(
        ((number, Line(name, held, "", born)) for number, (name, held, born) in enumerate(people, 1)),
        recorded="2026-03-31T08:00:00+09:00",
    )
    evening, night = run.at("2026-03-31T23:59:59+09:00"), run.at("2026-04-01T00:00:01+09:00")
    children = load(evening, town.write(tmp_path / "feeds"), "--initial")
    before = evening("judge", "--as-of", "2026-03-31", codes=JUDGED)
    again = night("judge", "--as-of", "2026-03-31", codes=JUDGED)
    assert (again["run"], again["root"], again["unchanged"]) == (before["run"], before["root"], True)
    after = night("judge", "--as-of", "2026-04-01", codes=JUDGED)
    days = {
        before["run"]: ("t=40.0 learning=2", "t=null learning=X -TX_NO_SCORE"),
        after["run"]: ("t=null learning=X -TX_NO_SCORE", "t=null learning=X +TX_NO_SCORE"),
    }
    found = [
        each
        for judged, said in days.items()
        for each in differences_in(
            judgements(night, judged), [(n, Line(judged, "", line)) for n, line in enumerate(said, 1)], children
        )
    ]
    assert not found, "\n".join(found)


ANSWERS = "; ".join(
    f"life_answer item_code=motivation-{item} answer={answer}" for item, answer in ((1, 4), (2, 4), (3, 1))
)
LAST_YEAR = ANSWERS.replace("life_answer", "life_answer fy=2025 date=2025-05-12")
TURNED = "F,I,motivation-3,motivation,true"


def test_a_wrong_key_is_replaced_and_everything_is_scored_again(run: Commands, tmp_path: Path) -> None:
    """As in Saitama in 2021 and 2022: the item that is asked the other way round had not been turned."""
    line = Line("answers 4, 4 and, turned, 1", f"{ANSWERS}; {LAST_YEAR}", "")
    folder = Town([(1, line)], recorded="2026-08-01T09:00:00+09:00").write(tmp_path / "feeds")
    write_norms(folder)
    right = (folder / "instrument_key.csv").read_text("utf-8")
    assert TURNED in right
    (folder / "instrument_key.csv").write_text(right.replace(TURNED, TURNED.replace("true", "false")), "utf-8")
    child = load(run.at("2026-08-30T09:00+09:00"), folder, "--initial")[numbers(1)["@child"]]

    first = run.at("2026-08-31T20:00+09:00")("judge", "--as-of", MAIN.isoformat(), codes=JUDGED)
    (tmp_path / "mended").mkdir()
    (tmp_path / "mended" / "instrument_key.csv").write_text(right, "utf-8")
    later = run.at("2026-09-02T09:00+09:00")
    later("feed", "load", tmp_path / "mended", "--profile", "canonical")
    second = later("judge", "--as-of", MAIN.isoformat(), codes=JUDGED)
    known_before = later("judge", "--as-of", MAIN.isoformat(), "--known-at", "2026-08-31", codes=JUDGED)

    def motivation(judged: dict[str, Any]) -> object:
        return judgements(later, judged["run"])[child]["scales"]["motivation"]

    assert motivation(first) == 30.0  # the mean of 4, 4 and 1; the run that stood stays as it was
    assert (second["unchanged"], motivation(second)) == (False, 40.0)
    assert motivation(known_before) == 40.0  # a reference file is known at every T
    assert first["root"] != second["root"]
    later("run", "repeat", first["run"])  # and is repeated with the key that it saw
