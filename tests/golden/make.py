"""Makes the golden run of a release, once, when it is cut: `python -m tests.golden.make tests/golden/2027-03 --seed 3`.

It is a generated city of three loads, judged by the default rule set of the release. From then on the folder is never changed:
later releases have to say the same of it, line for line. A release that means to judge otherwise does so by another rule set.
"""

import argparse
import sys
import tempfile
import zipfile
from pathlib import Path
from random import Random

from models.judgement.line import run_root
from schemas.rules import default_text
from tests.golden.run import How, golden_lines
from tests.oracle.folders import make_city

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # of every file in the archive, so that the same city is the same archive


def make(folder: Path, *, seed: int, children: int, norms: bool = True) -> str:
    """Write feeds, rules and lines into a new folder; returns the root, hexadecimal. Raises FileExistsError for one that is there.

    norms: with a grade large enough for norms of its own
    """
    folder.mkdir()
    with tempfile.TemporaryDirectory() as feeds:
        make_city(Random(seed), Path(feeds), children=children, norms=norms)
        _pack(Path(feeds), folder / "feeds.zip")
    (folder / "rules.toml").write_text(default_text(), "utf-8")
    lines = golden_lines(folder, How())
    (folder / "lines.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return run_root(lines).hex()


def _pack(feeds: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(feeds.rglob("*.csv")):
            packed.writestr(
                zipfile.ZipInfo(file.relative_to(feeds).as_posix(), LONG_AGO), file.read_bytes(), zipfile.ZIP_DEFLATED
            )


def main() -> None:
    """Make one and print its root."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, required=True, help="one that no release before had")
    parser.add_argument("--children", type=int, default=60)
    asked = parser.parse_args()
    sys.stdout.write(make(asked.folder, seed=asked.seed, children=asked.children) + "\n")


if __name__ == "__main__":
    main()
