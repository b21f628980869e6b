"""Times the gate's log: `python -m infra.bench.log [--acts N] [--children N] [--entries N]`.

One JSON object a line on standard output, each figure beside its peer: a single act (decided, logged, published and
committed, one connection) beside the bare row lock on the log's head; chunks of 500 through the real publication, and under
that load the time until an entry can be proved; export and verification beside hashing alone. The settings tell the cores and how
many processes wanted them when it began: on a busy machine only the ratios to the peers say something.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection

from infra.bench.log_home import AS_OF, CATEGORY, CODES, RULES, RUN, add_run, durability, fill
from infra.bench.log_watch import SAMPLE_SECONDS, Watch, quantile
from infra.bench.measure import StageFailedError
from infra.city.home import own_home
from models.judgement.alerting import Signal
from models.tlog import leaf_hash, root
from services.gate import Request, decide, receiving_office
from services.ledger import folder as public
from services.ledger.checkpoint import publish
from services.ledger.export import export
from services.ledger.verify import verify
from services.platform.database import Database
from services.publication.alerts import Candidate, Run, add_alerts
from services.publication.main import CHUNK, CLASSES, ITEMS, publish_run

MIMAMORI = Path(sys.executable).parent / "mimamori"


def main() -> None:
    """Measure every stage once."""
    parser = argparse.ArgumentParser(prog="log", description="Time the gate's log.")
    parser.add_argument("--acts", type=int, default=2_000, help="single acts")
    parser.add_argument("--children", type=int, default=20_000, help="alerts published in chunks")
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries exported and verified")
    asked = parser.parse_args()
    with own_home() as database:
        _print(
            {
                "stage": "log settings",
                **durability(database),
                "cores": os.cpu_count(),
                "load": round(os.getloadavg()[0], 1),
            }
        )
        children = add_run(database, asked.acts + asked.children)
        _singles(database, children[: asked.acts])
        _chunks(database)
        _files(database, asked.entries)


def _singles(database: Database, children: Sequence[tuple[UUID, int]]) -> None:
    """One publication a transaction, and the peer: the lock on the head and a commit, nothing else."""
    with database.connect("publisher") as conn:
        office = receiving_office(conn, act="publish", role="publisher", today=database.clock.today())
        conn.commit()
        acts = [_timed(partial(_publish_one, conn, database, office, *one)) for one in children]
    with database.connect("ledger") as conn:
        locks = [_timed(partial(_lock_head, conn)) for _ in children]
    _print({"stage": "log single acts", **_rates(acts), "peer": {"row lock on the head": _rates(locks)}})


def _publish_one(conn: Connection[Any], database: Database, office: str | None, child: UUID, judgement: int) -> None:
    """One alert as the publication makes it: decided and logged, alert and outbox row, committed."""
    request = Request(
        act="publish", items=ITEMS, classes=CLASSES, recipient=office, role="publisher", rules=RULES, child=child,
        judgement=judgement,
    )  # fmt: skip
    decision = decide(conn, [request], today=database.clock.today())[0]
    candidate = Candidate(child, judgement, Signal(CATEGORY, False, frozenset(CODES)))
    add_alerts(conn, Run(RUN, AS_OF, RULES), [(candidate, decision)], office=office, now=database.clock.now())
    conn.commit()


def _lock_head(conn: Connection[Any]) -> None:
    conn.execute("UPDATE ledger.head SET size = size")
    conn.commit()


def _chunks(database: Database) -> None:
    """Publish the rest of the run while a process of its own makes it provable."""
    with _following(database), Watch(database) as watch:
        seconds = _timed(lambda: watch.count(publish_run(database, run=RUN).published))
        watch.wait()
    _print(
        {
            "stage": "log chunks",
            "chunk": CHUNK,
            "alerts": watch.counted,
            "alerts_per_second": round(watch.counted / seconds),
        }
    )
    _print({"stage": "log provable", **watch.delays()})


@contextmanager
def _following(database: Database) -> Iterator[None]:
    """`mimamori log checkpoint --follow`, once it has published what is there."""
    home = database.settings.home
    environment = {"MIMAMORI_HOME": str(home), "MIMAMORI_ENV": "demo", "MIMAMORI_CLOCK": "from:2026-09-01T09:00+09:00"}
    with subprocess.Popen([MIMAMORI, "log", "checkpoint", "--follow"], env=environment, stdout=sys.stderr) as process:
        while not (public.of_home(home) / public.CHECKPOINT).exists():
            if process.poll() is not None:
                raise StageFailedError(f"log checkpoint --follow: exit {process.returncode}")
            time.sleep(SAMPLE_SECONDS)
        try:
            yield
        finally:
            process.terminate()


def _files(database: Database, size: int) -> None:
    """Sign, export and verify a log of this many entries; the peer hashes the same leaves and no more."""
    size = fill(database, size)
    signed = _timed(lambda: publish(database))
    out = database.settings.home / "export"
    exported = _timed(lambda: export(database, out))
    verified = _timed(lambda: _require(verify(out).ok))
    entries = [b"%0200d" % index for index in range(size)]  # as long as an entry of the log
    hashed = _timed(lambda: root([leaf_hash(entry) for entry in entries]))
    shutil.rmtree(out)
    seconds = {"sign": signed, "export": exported, "verify": verified, "export_and_verify": exported + verified}
    rounded = {name: round(value, 2) for name, value in seconds.items()}
    _print({"stage": "log files", "entries": size, **rounded, "peer": {"hashing alone": round(hashed, 2)}})


def _require(holds: bool) -> None:
    if not holds:
        raise StageFailedError("the exported log does not verify")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _rates(seconds: Sequence[float]) -> dict[str, float]:
    """How many a second, one after another, and what 99 of 100 stay below."""
    return {
        "per_second": round(len(seconds) / sum(seconds)),
        "p50_ms": round(quantile(seconds, 0.5) * 1000, 2),
        "p99_ms": round(quantile(seconds, 0.99) * 1000, 2),
    }


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
