"""The service's clock: it stands still, or starts once in a home and runs on from there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from services.platform.clock import Clock
from services.platform.settings import Settings, parse_clock


def settings(home: Path, clock: str | None) -> Settings:
    return Settings(home=home, env="test", clock=None if clock is None else parse_clock(clock))


def test_a_fixed_clock_stands_still_and_writes_nothing(tmp_path: Path) -> None:
    clock = Clock.of(settings(tmp_path, "fixed:2023-03-31T23:59:59+09:00"))
    assert clock.now() == clock.now() == datetime(2023, 3, 31, 14, 59, 59, tzinfo=UTC)
    assert clock.today() == date(2023, 3, 31)
    assert list(tmp_path.iterdir()) == []


def test_the_day_is_japans(tmp_path: Path) -> None:
    assert Clock.of(settings(tmp_path, "fixed:2023-03-31T14:59:59Z")).today() == date(2023, 3, 31)
    assert Clock.of(settings(tmp_path, "fixed:2023-03-31T15:00:00Z")).today() == date(2023, 4, 1)


def test_a_home_starts_at_its_time_and_runs_on_in_every_later_process(tmp_path: Path) -> None:
    start = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
    first = Clock.of(settings(tmp_path / "home", "from:2026-09-01T09:00+09:00"))
    assert timedelta() <= first.now() - start < timedelta(seconds=5)
    later = Clock.of(settings(tmp_path / "home", "from:2026-09-01T09:00+09:00"))
    assert later == first
    assert later.now() > start
    assert later.now().utcoffset() == timedelta(hours=9)


def test_the_same_start_written_otherwise_is_the_same_clock(tmp_path: Path) -> None:
    japan = Clock.of(settings(tmp_path, "from:2026-09-01T09:00"))
    assert Clock.of(settings(tmp_path, "from:2026-09-01T00:00Z")) == japan


def test_another_start_begins_there(tmp_path: Path) -> None:
    Clock.of(settings(tmp_path, "from:2026-09-01T09:00"))
    moved = Clock.of(settings(tmp_path, "from:2027-02-01T09:00"))
    assert moved.today() == date(2027, 2, 1)


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    asked = settings(tmp_path, "from:2026-09-01T09:00")
    with ThreadPoolExecutor(8) as pool:
        clocks = set(pool.map(lambda _: Clock.of(asked), range(32)))
    assert len(clocks) == 1
    assert [path.name for path in (tmp_path / "clock").iterdir()] == ["from-20260901T090000.000000"]


def test_without_a_setting_it_is_the_real_time(tmp_path: Path) -> None:
    assert abs(Clock.of(settings(tmp_path, None)).now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert Clock().sql_setting == ""


def test_offsets_are_told_to_the_database_exactly() -> None:
    assert Clock(offset=timedelta(days=-1, microseconds=-1)).sql_setting == "offset:PT-86400.000001S"
    assert Clock(offset=timedelta(microseconds=5)).sql_setting == "offset:PT0.000005S"
