"""Hold our norms to published figures of public data sets: `python -m infra.external.check FOLDER`.

Prints one line a figure; exits with 1 where one differs. A folder or file that is not there is named and left out: the
data sets are no part of the project.
"""

import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from infra.external import egsingle, star
from infra.external.figures import Figure, as_table

SETS = (star, egsingle)


def main(folder: str) -> int:
    """Check every data set that is in `folder`; the exit code."""
    figures = list(chain.from_iterable(_figures(Path(folder))))
    if figures:
        _say(as_table(figures))
    differing = sum(not each.same for each in figures)
    _say(f"{len(figures)} figures, {differing} differ")
    return 1 if differing else 0


def _figures(folder: Path) -> Sequence[list[Figure]]:
    found = []
    for data in SETS:
        path = folder / data.FILE
        if path.is_file():
            found.append(list(data.figures(data.read(path))))
        else:
            _say(f"skipped: {data.FILE} is not in {folder.name}/ (MIMAMORI_EXTERNAL_DATA names the folder)")
    return found


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
