"""The storm itself: events are let out as it goes on, processes die at their fail points, and are struck at random besides."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from infra.chaos.journal import Journal
from infra.chaos.plan import Points, Storm, Strike
from infra.chaos.scene import Scene
from services.platform.endpoint import DatabaseUnreachableError

LOOK_SECONDS, ASK_SECONDS, TELL_SECONDS = 0.05, 0.25, 5.0
STUCK_SECONDS = 120.0  # in which nothing was struck, judged or sent
COUNTS = b"""
SELECT count(*) FILTER (WHERE done_at IS NOT NULL), count(*) FILTER (WHERE failed IS NOT NULL),
       (SELECT count(*) FROM publication.outbox WHERE sent_at IS NULL)
FROM bus.inbox
"""


@dataclass
class Rage:
    """One storm over one scene.

    sent: how many events the producer may have sent by now
    acts: kills and cuts done
    """

    scene: Scene
    storm: Storm
    strikes: Sequence[Strike]
    points: Points
    journal: Journal
    sent: int = 0
    acts: int = 0
    _struck: int = field(default=0, init=False)
    _next: float = field(default=0.0, init=False)
    _done: tuple[int, int, int] = field(default=(0, 0, 0), init=False)  # judged, failed, not sent yet
    _asked: float = field(default=0.0, init=False)
    _last: tuple[int, tuple[int, int, int]] = field(default=(-1, (0, 0, 0)), init=False)
    _moved: float = field(default=0.0, init=False)
    _told: float = field(default=0.0, init=False)

    def run(self) -> list[str]:
        """Blow until all is done and every event has gone its whole way; what went wrong already."""
        while not self._over():
            before = self.acts
            self._look()
            if self.acts > before or self._drained():
                if self.sent == self.storm.events:
                    return [f"not reached often enough: {name}" for name, left in self.points.left.items() if left]
                self._let_out()
            if self._stuck():
                return self._stands()
            time.sleep(LOOK_SECONDS)
        self._say(f"all {self.storm.acts} kills and cuts are done; the rest of the events follows undisturbed")
        self.sent = self.storm.events
        self.scene.allow(self.sent)
        return self._drain()

    def _over(self) -> bool:
        return self._struck == len(self.strikes) and not any(self.points.left.values())

    def _look(self) -> None:
        """Start what does not run, and strike if it is time to."""
        for name, program in self.scene.programs.items():
            self.acts += program.tend(self.points, self.scene.kinds[name])
        ready = [server.look() for server in self.scene.servers.values()]
        if self._struck < len(self.strikes) and time.monotonic() >= self._next:
            self._strike(self.strikes[self._struck])
        if time.monotonic() >= self._told + TELL_SECONDS:
            self._tell(down=ready.count(False))

    def _strike(self, strike: Strike) -> None:
        """Strike once whoever is aimed at is up."""
        if strike.act == "cut":
            for proxy in self.scene.lines[strike.target]:
                proxy.cut(strike.lasting)
            self.journal.write("cut", strike.target)
        elif strike.target in self.scene.servers:
            if not self.scene.servers[strike.target].look():
                return
            self.scene.servers[strike.target].strike()
        elif not self.scene.programs[strike.target].strike(self.points):
            return
        self._struck += 1
        self.acts += 1
        self._next = time.monotonic() + strike.gap

    def _let_out(self) -> None:
        """Some more events: about half of them come because something was struck, the others because nothing is left to do."""
        self.sent = min(self.storm.events, self.sent + max(1, self.storm.events // (2 * max(1, self.storm.acts))))
        self.scene.allow(self.sent)

    def _drained(self) -> bool:
        done, _, unsent = self._counted()
        return done == self.sent and unsent == 0

    def _drain(self) -> list[str]:
        """Wait until every event has gone its whole way; what went wrong."""
        while not self._drained():
            self._look()
            if self._stuck() or self._done[1]:
                return self._stands()
            time.sleep(LOOK_SECONDS)
        return []

    def _stuck(self) -> bool:
        """Whether nothing has moved for long, neither by us nor by itself."""
        now = (self.acts, self._counted())
        if now != self._last:
            self._last, self._moved = now, time.monotonic()
        return time.monotonic() > self._moved + STUCK_SECONDS

    def _stands(self) -> list[str]:
        done, failed, unsent = self._done
        return [f"of {self.sent} events {done} are judged and {failed} could not be; {unsent} alerts are not sent"]

    def _counted(self) -> tuple[int, int, int]:
        """As it was lately; as it was last where the database is away."""
        if time.monotonic() < self._asked + ASK_SECONDS:
            return self._done
        self._asked = time.monotonic()
        try:
            with self.scene.database.admin() as conn:
                self._done = conn.execute(COUNTS).fetchone() or self._done
        except (psycopg.OperationalError, DatabaseUnreachableError):
            pass
        return self._done

    def _tell(self, *, down: int) -> None:
        self._told = time.monotonic()
        left = sum(self.points.left.values())
        self._say(
            f"{self._done[0]:,} of {self.storm.events:,} events judged, {self.sent:,} let out; {self.acts} of {self.storm.acts}"
            f" kills and cuts, {left} at fail points to come; servers down: {down}"
        )

    def _say(self, line: str) -> None:
        sys.stderr.write(line + "\n")
