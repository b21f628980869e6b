"""Times the city from feed files to queue: `python -m infra.bench.city [--children N]`.

One JSON object a line on standard output: stage, seconds, rows and rows a second where rows are what it works on, and the
peak memory in MiB of the command and the database server together. The last line sums up. Making the city is not counted.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.bench.measure import Measured, measure

MIMAMORI = Path(sys.executable).parent / "mimamori"
AS_OF = "2026-08-31"


class Bench:
    """A home of its own, thrown away afterwards; each stage prints its line."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MIMAMORI_")},
            "MIMAMORI_HOME": str(home),
            "MIMAMORI_ENV": "demo",
            "MIMAMORI_CLOCK": "from:2026-09-01T09:00+09:00",
        }
        self._measured: list[Measured] = []

    def run(self, *arguments: str | Path) -> Measured:
        """Run one mimamori command."""
        return measure([MIMAMORI, *arguments, "--json"], home=self.home, environment=self._environment)

    def stage(self, name: str, *arguments: str | Path, rows: str | None = None) -> Measured:
        """Run one command and print its line. rows: where its answer counts what it worked on; None = not at all."""
        done = self.run(*arguments)
        line: dict[str, object] = {"stage": name, "seconds": round(done.seconds, 2), "peak_mib": round(done.peak_mib)}
        if rows:
            count = _count(done.answer, rows)
            line |= {"rows": count, "rows_per_second": round(count / done.seconds)}
        _print(line)
        self._measured.append(done)
        return done

    def total(self, facts: int) -> None:
        """Print the line that sums up."""
        seconds = sum(done.seconds for done in self._measured)
        peak = max(done.peak_mib for done in self._measured)
        _print({"stage": "all", "seconds": round(seconds, 2), "peak_mib": round(peak), "facts": facts})


def main() -> None:
    """Measure every stage once."""
    parser = argparse.ArgumentParser(prog="bench", description="Time the city from feed files to queue.")
    parser.add_argument("--children", type=int, default=27_000)
    children = parser.parse_args().children
    with _bench() as bench:
        city = bench.home / "city"
        bench.run("up", "--demo")
        bench.run("synth", "--children", str(children), "--until", AS_OF, "--seed", "1", "--out", city)
        loaded = bench.stage(
            "feed load", "feed", "load", city / "feeds", "--profile", "demo", "--initial", rows="batches"
        )
        bench.stage("link", "link", rows="persons")
        judged = bench.stage("judge", "judge", "--as-of", AS_OF, rows="children")
        bench.stage("publish", "publish", "--run", str(judged.answer["run"]), rows="published")
        bench.stage("queue list", "queue", "list", "--as", bench.home / "people" / "caseworker.pem", rows="items")
        bench.total(sum(batch["loaded"] for batch in loaded.answer["batches"]))


@contextmanager
def _bench() -> Iterator[Bench]:
    home = Path(tempfile.mkdtemp(prefix="mimamori-bench-"))
    home.chmod(0o755)  # the database server's user must be able to enter it
    bench = Bench(home)
    try:
        yield bench
    finally:
        bench.run("down")
        shutil.rmtree(home)


def _count(answer: dict[str, object], name: str) -> int:
    """A count as it stands, or of a list its rows (batches) or its length."""
    value = answer[name]
    if isinstance(value, list):
        return sum(item.get("rows", 1) for item in value)
    return int(str(value))


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
