"""The runs of each release come out as they did then: with one thread and two, rows shuffled, in parts, anywhere in the world."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.judgement.line import run_root
from tests.golden.make import make
from tests.golden.run import How, golden_lines

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent for path in (ROOT / "tests/golden").glob("*/lines.jsonl"))
ELSEWHERE = [
    ({"POLARS_MAX_THREADS": "1", "TZ": "America/New_York", "LC_ALL": "C"}, ("--partitions", "16", "--shuffle", "1")),
    ({"POLARS_MAX_THREADS": "2", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}, ("--partitions", "3", "--shuffle", "2")),
]  # fmt: skip


def _kept(folder: Path) -> list[str]:
    return (folder / "lines.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_line_is_as_it_was(folder: Path) -> None:
    assert golden_lines(folder, How()) == _kept(folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize(("environ", "how"), ELSEWHERE, ids=["one-thread", "two-threads"])
def test_the_root_is_the_same_anywhere(folder: Path, environ: dict[str, str], how: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "tests.golden.run", str(folder), *how]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == run_root(_kept(folder)).hex()


def test_a_release_adds_its_own_once(tmp_path: Path) -> None:
    root = make(tmp_path / "next", seed=5, children=8, norms=False)
    kept = _kept(tmp_path / "next")
    assert kept and run_root(kept).hex() == root
    assert golden_lines(tmp_path / "next", How(partitions=3, shuffle=4)) == kept
    with pytest.raises(FileExistsError):
        make(tmp_path / "next", seed=6, children=8, norms=False)
