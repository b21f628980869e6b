"""Generated cities through the command line, judged as the oracle judges them: to the letter of every reading."""

import os
from pathlib import Path
from random import Random
from typing import Protocol

import pytest

from tests.oracle.driver import FIRST_RUN, Operator, pass_through
from tests.oracle.folders import LOADS, make_city

# (seed, children, with a grade large enough for norms)
CITIES = [(1, 40, False), (2, 40, False), (4, 30, True)]


class Home(Protocol):
    """A test's own database and home, as tests/conftest.py gives it."""

    environ: dict[str, str]


@pytest.mark.parametrize(("seed", "children", "norms"), CITIES)
def test_every_judgement_is_the_oracles(city: Home, tmp_path: Path, seed: int, children: int, norms: bool) -> None:
    environ = {**os.environ, **city.environ}
    operator = Operator(environ, Path(environ["MIMAMORI_HOME"]) / "people")
    operator.run(LOADS[0], "up", "--demo")
    made = make_city(Random(seed), tmp_path / "feeds", children=children, norms=norms)
    assert FIRST_RUN > made.loads[-1].at
    assert pass_through(made, operator) == []
