"""The kill test: `make chaos`, or `python -m infra.chaos.main [--events N] [--seed N] …`.

Events go their whole way through real processes while these, the brokers and the database are killed and their connections cut;
afterwards nothing may be lost or doubled. Progress goes to standard error, one JSON document to standard output; the exit code is
1 where anything is not as it has to be. The journal of what was done and what the programs said outlive the rest.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.chaos.check import faults
from infra.chaos.journal import Journal
from infra.chaos.plan import POINTS, Points, Storm, strikes
from infra.chaos.rage import Rage
from infra.chaos.scene import Scene, scene

ENDS = (
    0,
    -signal.SIGTERM,
    None,
)  # of programs that clean up first, of the producer, of whoever was just about to be started again


def main() -> int:
    """Blow once; the exit code of the process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)  # whatever was started is ended, however this is broken off
    storm, out = _asked()
    _say(f"journal and logs are in {out}")
    try:
        report = blow(storm, out)
    except KeyboardInterrupt:
        _say("broken off; nothing is left running")
        return 130
    sys.stdout.write(json.dumps({**asdict(storm), **report}, ensure_ascii=False) + "\n")
    return 1 if report["faults"] else 0


def blow(storm: Storm, out: Path) -> dict[str, Any]:
    """One storm from its beginning to the checks. out: an empty folder for the journal and the programs' logs

    What it did, how long it took in seconds, and the faults, one line each; no process of it is left.
    """
    journal, began = Journal(out / "journal.jsonl"), time.monotonic()
    try:
        with scene(storm, journal, logs=out) as made:
            _say(f"{storm.events:,} events about {storm.children:,} children, {storm.acts} kills and cuts")
            ready = time.monotonic()
            found = _blown(storm, made, journal)
            over = time.monotonic()
            _say("checking")
            found = found or faults(made)
    finally:
        journal.close()
    seconds = {"to_set_up": ready - began, "of_storm": over - ready, "of_checks": time.monotonic() - over}
    return {"acts": _acts(journal), "seconds": {name: round(each) for name, each in seconds.items()}, "faults": found}


def _blown(storm: Storm, made: Scene, journal: Journal) -> list[str]:
    """Blow, then let every process end as it would when told to."""
    aims = strikes(storm, [*made.programs, *made.servers], list(made.lines))
    found = Rage(made, storm, aims, Points(storm), journal).run()
    for server in made.servers.values():
        server.wait()
    ends = {name: program.stop() for name, program in made.programs.items()}
    return found + [f"{name} did not end as it was told to: {end}" for name, end in ends.items() if end not in ENDS]


def _acts(journal: Journal) -> Mapping[str, Any]:
    """Kills by fail point, by process, and cuts; how often a program ended because a server was away when it began."""
    counts = journal.counts
    return {
        "killed at fail points": {point: counts["killed at a fail point", point] for point in POINTS},
        "killed": {name: number for (act, name), number in sorted(counts.items()) if act == "killed"},
        "cut": {name: number for (act, name), number in sorted(counts.items()) if act == "cut"},
        "ended by themselves": sum(number for (act, _), number in counts.items() if act.startswith("ended with")),
    }


def _asked() -> tuple[Storm, Path]:
    parser = argparse.ArgumentParser(
        prog="chaos", description="Kill everything, and see that nothing is lost or doubled."
    )
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--children", type=int, help="in the city (default: one for 20 events)")
    parser.add_argument("--points", type=int, default=10, help="kills at each named fail point")
    parser.add_argument("--kills", type=int, default=200, help="SIGKILLs at random moments")
    parser.add_argument("--cuts", type=int, default=40, help="cuts of all connections to brokers or database")
    parser.add_argument("--gap", type=float, default=Storm.gap, help="seconds between two of these at most")
    parser.add_argument("--brokers", type=int, default=1, choices=(1, 3))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="empty folder for journal and logs (default: a new one)")
    asked = vars(parser.parse_args())
    out = asked.pop("out") or Path(tempfile.mkdtemp(prefix="mimamori-chaos-"))
    asked["children"] = asked["children"] or max(60, asked["events"] // 20)
    return Storm(**asked), out


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
