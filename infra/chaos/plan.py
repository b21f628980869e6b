"""What a storm is to do, drawn by its seed: where processes kill themselves, who is killed besides, what is cut and when."""

from collections import Counter
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import Literal

Kind = Literal["worker", "pump in", "pump out"]

# Every named fail point of the event path, and the program that passes it.
POINTS: dict[str, Kind] = {
    "after-commit-before-offset": "pump in",
    "after-taking-before-judging": "worker",
    "after-decision-before-publishing": "worker",
    "after-publishing-before-marking": "worker",
    "after-marking-before-commit": "worker",
    "after-commit-of-turn": "worker",
    "after-send-before-mark": "pump out",
}
LATEST_PASSING = 2  # a process dies at the first or second time that it passes its point
SHORTEST_GAP = 0.2  # seconds between two strikes
CUTS = (0.0, 2.0)  # seconds for which a cut line stays dead


@dataclass(frozen=True)
class Storm:
    """How hard it blows.

    points:  kills at each named fail point
    kills:   SIGKILLs at random moments, shared evenly among all processes
    cuts:    of all connections to the brokers or to the database at once
    brokers: one, or three that stand in for each other
    gap:     seconds between two kills or cuts at most: in the longer ones something gets done
    leases:  workers have shares of the inbox, which a killed one keeps for half a minute; False = they take what is there and
             end, again and again
    """

    events: int
    children: int
    points: int
    kills: int
    cuts: int
    brokers: int
    seed: int
    gap: float = 6.0
    leases: bool = True

    @property
    def acts(self) -> int:
        """Everything that is to be done."""
        return self.points * len(POINTS) + self.kills + self.cuts


@dataclass(frozen=True)
class Strike:
    """A kill or a cut at a random moment. gap: seconds after the one before it; lasting: seconds that a cut lasts"""

    act: Literal["kill", "cut"]
    target: str
    gap: float
    lasting: float = 0.0


def strikes(storm: Storm, processes: list[str], lines: list[str]) -> list[Strike]:
    """The storm's kills and cuts, in a random order in which each process and each line has its share."""
    rng = Random(storm.seed)
    aims = [("kill", name) for name in islice(cycle(processes), storm.kills)]
    aims += [("cut", name) for name in islice(cycle(lines), storm.cuts)]
    rng.shuffle(aims)
    return [
        Strike("kill" if act == "kill" else "cut", name, rng.uniform(SHORTEST_GAP, storm.gap), rng.uniform(*CUTS))
        for act, name in aims
    ]


class Points:
    """The fail points at which processes still have to die."""

    def __init__(self, storm: Storm) -> None:
        self.left = Counter(dict.fromkeys(POINTS, storm.points))
        self._carried: Counter[str] = Counter()  # by processes that run
        self._rng = Random(storm.seed + 1)

    def take(self, kind: Kind) -> tuple[str, int] | None:
        """A point for a process that starts, and at which passing it is to die there; None = it may live."""
        free = [name for name, of in POINTS.items() if of == kind and self.left[name] > self._carried[name]]
        if not free:
            return None
        point = self._rng.choice(free)
        self._carried[point] += 1
        return point, self._rng.randint(1, LATEST_PASSING)

    def give_back(self, point: str, *, reached: bool) -> None:
        """The process with this point has ended. reached: it was killed there"""
        self._carried[point] -= 1
        self.left[point] -= reached
