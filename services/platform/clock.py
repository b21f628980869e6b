"""The service's clock: real in production; in demo and test homes it may start elsewhere or stand still."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from services.platform.files import create_once
from services.platform.settings import JAPAN, Settings


@dataclass(frozen=True)
class Clock:
    """One clock for Python and SQL: `platform.now()` reads the same from `sql_setting`.

    offset: what is added to the real time; zero in production
    fixed:  aware; if given, it is always this moment and `offset` does not count
    """

    offset: timedelta = timedelta()
    fixed: datetime | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Clock":
        """The clock the settings ask for; the first use of a `from:TIME` is written down in the home."""
        if settings.clock is None:
            return cls()
        if settings.clock.kind == "fixed":
            return cls(fixed=settings.clock.time)
        return cls(offset=settings.clock.time - _first_use(settings.home, settings.clock.time))

    def now(self) -> datetime:
        """This moment, aware, in Japan time."""
        moment = self.fixed or datetime.now(JAPAN) + self.offset
        return moment.astimezone(JAPAN)

    def today(self) -> date:
        """The day in Japan."""
        return self.now().date()

    @property
    def sql_setting(self) -> str:
        """Value of the connection setting `mimamori.clock`: `fixed:TIME`, `offset:ISO interval`, empty = real time.

        Free of spaces and quotes, so that it can stand in a connection's `options`.
        """
        if self.fixed is not None:
            return f"fixed:{self.fixed.isoformat()}"
        microseconds = self.offset // timedelta(microseconds=1)
        if microseconds == 0:
            return ""
        sign, seconds, rest = "-" if microseconds < 0 else "", *divmod(abs(microseconds), 1_000_000)
        return f"offset:PT{sign}{seconds}.{rest:06d}S"


def _first_use(home: Path, start: datetime) -> datetime:
    """The real moment when this home was first used with this start; it is the same for every later process.

    Each start has its own file: a home moved on to a later start does not stay at the old one.
    """
    folder = home / "clock"
    folder.mkdir(parents=True, exist_ok=True)
    name = start.astimezone(JAPAN).strftime("from-%Y%m%dT%H%M%S.%f")
    return datetime.fromisoformat(create_once(folder / name, datetime.now(JAPAN).isoformat()))
