"""The boundary table of the default rules, line by line, from canonical feeds through the command line."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.approvals.demo import set_up_demo
from services.platform.database import Database
from tests.boundaries.lines import Line
from tests.boundaries.overall import OVERALL, SCOPE
from tests.boundaries.poverty import POVERTY, WITHOUT_FEED, matrix
from tests.boundaries.school import SCHOOL
from tests.boundaries.town import Town, check, load, write_norms
from tests.commands import Commands


def _town(lines: Sequence[Line]) -> Town:
    town = Town()
    for number, line in enumerate(lines, 1):
        town.add(number, line)
    return town


@pytest.fixture
def run(environ: dict[str, str], database: Database) -> Commands:
    """The command line of a home whose approvals cover every column."""
    set_up_demo(database)
    return Commands(environ)


def test_every_line_is_judged_as_the_table_says(run: Commands, tmp_path: Path) -> None:
    lines = [*POVERTY, *SCHOOL, *OVERALL, *SCOPE]
    folder = _town(lines).write(tmp_path / "feeds")
    write_norms(folder)
    found = check(run, lines, load(run, folder, "--initial"))
    assert not found, "\n".join(found)


def test_without_a_feed_of_the_nurturing_level_it_is_unknown(run: Commands, tmp_path: Path) -> None:
    lines = matrix(WITHOUT_FEED)
    folder = _town(lines).write(tmp_path / "feeds", without=["boshi_hoken"])
    found = check(run, lines, load(run, folder, "--initial"))
    assert not found, "\n".join(found)
