"""One engine's work in a process of its own: `python -m infra.bench.judgement_engine ENGINE WORK SOURCE`, one JSON object.

SOURCE: a folder of Parquet files (reading them is not counted), or the address of a database (reading is counted).
"""

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

import polars as pl

from infra.bench.judgement_city import DATES, UNTIL, Frames
from infra.bench.judgement_day import asked, fingerprint
from infra.bench.judgement_store import read_facts
from schemas.rules import load_default


class Clock:
    """Adds up what passes between `on` and `off`: seconds of the wall, seconds of the processors."""

    def __init__(self) -> None:
        self.seconds = self.processor = 0.0

    def on(self) -> None:
        """Begin."""
        self._began = time.perf_counter(), time.process_time()

    def off(self) -> None:
        """End."""
        self.seconds += time.perf_counter() - self._began[0]
        self.processor += time.process_time() - self._began[1]


def run(engine: str, work: str, source: str) -> dict[str, object]:
    """Do the work once; answers are turned into frames and compared outside the clock."""
    module, rules, clock = import_module(f"infra.bench.judgement_{engine}"), load_default(), Clock()
    stored = source.startswith("postgresql:")
    days = [asked(day, rules) for day in (DATES if work == "history" else [UNTIL])]
    frames = {} if stored else _read_files(Path(source))
    if stored:
        clock.on()
        frames = read_facts(source)
    state = module.prepare(frames)
    del frames
    if not stored:
        clock.on()
    total = judgements = reasons = 0
    answers = module.work(state, days, rules)
    while (found := next(answers, None)) is not None:
        clock.off()
        answer = module.answer_of(found)
        total += fingerprint(answer)
        judgements, reasons = judgements + answer.ranks.height, reasons + answer.reasons.height
        clock.on()
    clock.off()
    return {
        "source": "postgresql" if stored else "memory", "judgements": judgements, "reasons": reasons,
        "seconds": round(clock.seconds, 2), "processor_seconds": round(clock.processor, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "fingerprint": str(total),
    }  # fmt: skip


def _read_files(folder: Path) -> Frames:
    return {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*sys.argv[1:4])) + "\n")
