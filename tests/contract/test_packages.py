"""Our plain package names are ours: a foreign package of the same name would win over an editable install."""

from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["services", "models", "schemas"])
def test_a_top_level_package_is_the_one_in_this_tree(name: str) -> None:
    assert Path(str(__import__(name).__file__)).parent == ROOT / name


@pytest.mark.parametrize("name", ["services", "models", "schemas", "infra", "dags", "tests"])
def test_no_other_distribution_brings_a_package_of_our_name(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"mimamori"}


@pytest.mark.parametrize("name", ["services", "models", "schemas"])
def test_every_package_folder_says_what_it_is_for(name: str) -> None:
    folders = {file.parent for file in (ROOT / name).rglob("*.py")}
    silent = [folder.relative_to(ROOT) for folder in folders if not _docstring(folder / "__init__.py")]

    assert silent == []


def _docstring(file: Path) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8").startswith('"""')
