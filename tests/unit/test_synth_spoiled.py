"""What intake refuses of the synthetic files is what the list of spoiled rows says, and nothing else."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from schemas.feeds.contract import Contract
from schemas.feeds.profile import Profile, packaged_profile
from schemas.feeds.registry import FEEDS
from schemas.feeds.rule import Context
from services.intake.checks import RULE, Checked, Checker
from services.intake.mapping import map_header
from services.intake.reading import LINE, open_table
from services.intake.sheet import answers, as_sheets, is_sheet
from services.synth.main import generate

UNTIL = datetime(2026, 8, 31, tzinfo=UTC).date()
NOW = datetime(2026, 9, 1, tzinfo=UTC)
Lines = set[tuple[str, int, str]]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("spoiled") / "city"
    generate(out, children=1000, until=UNTIL, seed=4)
    return out


@pytest.fixture(scope="module")
def profile() -> Profile:
    found = packaged_profile("demo")
    assert found is not None
    return found


def spoiled(city: Path, expected: str) -> pl.DataFrame:
    return pl.read_csv(city / "truth" / "spoiled.csv").filter(pl.col("expected") == expected)


def lines(frame: pl.DataFrame) -> Lines:
    return {(file, line, rule) for file, line, rule in frame.select("file", "line", "rule").rows()}


def files(city: Path, profile: Profile) -> list[tuple[Contract, Path]]:
    folder = city / "feeds"
    return [(FEEDS[feed], path) for feed in profile.feeds for path in sorted(folder.glob(profile.feeds[feed].glob))]


def context(city: Path) -> Context:
    rows = pl.read_csv(city / "feeds" / "survey_max.csv", infer_schema=False).rows()
    return Context(
        now=NOW, maxima={(survey, int(fy), grade, subject): Decimal(most) for survey, fy, grade, subject, most in rows}
    )


def read(contract: Contract, profile: Profile, path: Path, asked: Context) -> tuple[list[Checked], Lines]:
    """The file's blocks after the checks, and the answers taken out of their sheets."""
    feed = profile.feeds[contract.feed]
    found, taken_out = [], set()
    with open_table(path, encoding=feed.encoding, delimiter=feed.delimiter) as table:
        mapping = map_header(contract, profile, table.header, path.name)
        checker = Checker(contract, frozenset(mapping.names), asked)
        for block in table.blocks:
            rows = mapping.apply(block)
            if is_sheet(contract):
                rows, bad = answers(as_sheets(rows))
                taken_out |= {(path.name, line, rule) for line, rule in bad.select(LINE, RULE).rows()}
            found.append(checker.check(rows))
    return found, taken_out


def test_every_file_of_the_city_belongs_to_a_feed_of_the_profile(city: Path, profile: Profile) -> None:
    belonging = [path for _, path in files(city, profile)]
    assert sorted(belonging) == sorted((city / "feeds").iterdir())


def test_intake_refuses_exactly_the_rows_that_were_spoiled(city: Path, profile: Profile) -> None:
    asked, refused, taken_out = context(city), set(), set()
    for contract, path in files(city, profile):
        blocks, bad = read(contract, profile, path, asked)
        taken_out |= bad
        refused |= {
            (path.name, line, rule) for block in blocks for line, rule in block.refused.select(LINE, RULE).rows()
        }
    assert len(refused) > 300
    assert refused == lines(spoiled(city, "quarantine"))
    assert taken_out == lines(spoiled(city, "unanswered"))


def test_records_are_numbered_once_but_for_the_duplicates(city: Path, profile: Profile) -> None:
    twice = spoiled(city, "unchanged").group_by("file").len()
    expected, asked = dict(twice.rows()), context(city)
    for contract, path in files(city, profile):
        if contract.reference:
            continue
        blocks, _ = read(contract, profile, path, asked)
        numbers = pl.concat([block.values["source_record_id"] for block in blocks])
        assert numbers.len() - numbers.n_unique() == expected.get(path.name, 0), path.name


def test_no_file_would_be_held_for_what_is_refused(city: Path) -> None:
    worst = spoiled(city, "quarantine").group_by("file").len()
    for file, refused in worst.rows():
        rows = (city / "feeds" / file).read_bytes().count(b"\n")
        assert refused <= 100 or refused * 20 <= rows, file
