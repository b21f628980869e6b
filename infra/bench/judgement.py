"""Times judging: `python -m infra.bench.judgement [--children N …] [--work newest|history|both] [--without-postgres]`.

The work is judgements 1 and 2 with all their reasons (models.judgement: poverty and learning), for the newest date or for the
whole history of eighteen years at two dates each, by the kernel, by pandas and by DuckDB, each in a process of its own and
with two cores. From memory and, reading included, from PostgreSQL, which each reads by the same COPY. One JSON object a
line on standard output: seconds, processor seconds, and the most memory the process held (inputs included). Every engine has
to find the same, to the last digit and source row, or the bench fails.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.bench.judgement_city import make_facts
from infra.bench.judgement_store import running_server, write_facts

ENGINES = ("kernel", "pandas", "duckdb")
WORKS = ("newest", "history")
DEFAULT_CHILDREN = [27_000]  # of a city like Minoh; 250000 and 550000 (Japan's largest) take minutes


def main() -> None:
    """Every size, work and source, each by every engine."""
    parser = argparse.ArgumentParser(prog="bench", description="Time judging against pandas and DuckDB.")
    parser.add_argument("--children", type=int, nargs="+", default=DEFAULT_CHILDREN)
    parser.add_argument("--work", choices=[*WORKS, "both"], default="both")
    parser.add_argument("--without-postgres", action="store_true", help="from memory alone")
    arguments = parser.parse_args()
    works = WORKS if arguments.work == "both" else (arguments.work,)
    for children in arguments.children:
        with _facts(children, stored=not arguments.without_postgres) as (folder, database):
            for source in (str(folder), *([database] if database else [])):
                for work in works:
                    _compare(children, work, source)


@contextmanager
def _facts(children: int, *, stored: bool) -> Iterator[tuple[Path, str | None]]:
    """The frames as files in a folder, and the address of a database that holds them too; all gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mimamori-bench-"))
    folder.chmod(0o755)  # the database server's user must be able to enter it
    try:
        frames = make_facts(children)
        for feed, frame in frames.items():
            frame.write_parquet(folder / f"{feed}.parquet")
        if not stored:
            yield folder, None
            return
        with running_server(folder / "home") as database:
            write_facts(database, frames)
            del frames
            yield folder, database
    finally:
        shutil.rmtree(folder)


def _compare(children: int, work: str, source: str) -> None:
    """One line an engine; fails where they do not find the same."""
    found = {}
    for engine in ENGINES:
        command = [sys.executable, "-m", "infra.bench.judgement_engine", engine, work, source]
        environment = {**os.environ, "POLARS_MAX_THREADS": "2"}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(done.stdout)
        found[engine] = told.pop("fingerprint")
        line = {"children": children, "work": work, "engine": engine, **told}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    if len(set(found.values())) > 1:
        raise SystemExit(f"{work}: {', '.join(ENGINES)} do not find the same")


if __name__ == "__main__":
    main()
