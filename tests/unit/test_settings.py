"""Settings: what the environment may say, and what is refused with a way to mend it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.errors import UsageError
from services.platform.settings import ClockSetting, Settings, parse_clock, remember_demo


def test_an_empty_environment_is_production_in_the_current_folder() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings(home=Path.cwd() / ".mimamori", env="production")
    assert settings.home.is_absolute()


def test_every_variable_is_read_and_an_empty_one_counts_as_unset() -> None:
    settings = Settings.from_environment(
        {
            "MIMAMORI_HOME": "/srv/mimamori",
            "MIMAMORI_DATABASE_URL": "postgresql://db/city",
            "MIMAMORI_ADMIN_URL": "postgresql://admin@db/postgres",
            "MIMAMORI_ENV": "demo",
            "MIMAMORI_CLOCK": "",
            "MIMAMORI_KAFKA_BOOTSTRAP": "  ",
        }
    )
    assert settings == Settings(
        home=Path("/srv/mimamori"),
        database_url="postgresql://db/city",
        admin_url="postgresql://admin@db/postgres",
        env="demo",
    )


@pytest.mark.parametrize(
    ("text", "kind", "time"),
    [
        ("from:2026-09-01T09:00+09:00", "from", datetime(2026, 9, 1, 0, 0, tzinfo=UTC)),
        ("fixed:2026-09-01T09:00", "fixed", datetime(2026, 9, 1, 0, 0, tzinfo=UTC)),  # without offset: Japan
        ("fixed:2026-09-01T00:00Z", "fixed", datetime(2026, 9, 1, 0, 0, tzinfo=UTC)),
        ("fixed:2023-04-01", "fixed", datetime(2023, 3, 31, 15, 0, tzinfo=UTC)),
    ],
)
def test_a_clock_time_without_offset_is_japan_time(text: str, kind: str, time: datetime) -> None:
    clock = Settings.from_environment({"MIMAMORI_ENV": "test", "MIMAMORI_CLOCK": text}).clock
    assert clock is not None
    assert (clock.kind, clock.time) == (kind, time)


@pytest.mark.parametrize("text", ["2026-09-01T09:00", "until:2026-09-01", "from:", "from:tomorrow", "fixed:2026-13-01"])
def test_another_clock_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="from:2026-09-01T09:00"):
        Settings.from_environment({"MIMAMORI_ENV": "test", "MIMAMORI_CLOCK": text})


def test_production_has_no_clock_but_the_real_one() -> None:
    with pytest.raises(UsageError, match="MIMAMORI_CLOCK を外してください"):
        Settings.from_environment({"MIMAMORI_CLOCK": "fixed:2026-09-01T09:00"})
    with pytest.raises(UsageError):
        Settings(home=Path("/srv"), clock=ClockSetting("fixed", datetime(2026, 9, 1, tzinfo=UTC)))


def test_an_unknown_environment_is_refused_with_the_choices() -> None:
    with pytest.raises(UsageError, match="production、demo、test"):
        Settings.from_environment({"MIMAMORI_ENV": "staging"})


def test_a_demo_home_remembers_itself_and_its_clock(tmp_path: Path) -> None:
    given = {"MIMAMORI_HOME": str(tmp_path), "MIMAMORI_ENV": "demo", "MIMAMORI_CLOCK": "from:2026-09-01T09:00+09:00"}
    remember_demo(Settings.from_environment(given))
    plain = Settings.from_environment({"MIMAMORI_HOME": str(tmp_path)})
    assert plain == Settings.from_environment(given)


def test_what_is_said_goes_before_what_a_home_remembers(tmp_path: Path) -> None:
    given = {"MIMAMORI_HOME": str(tmp_path), "MIMAMORI_ENV": "demo", "MIMAMORI_CLOCK": "from:2026-09-01T09:00+09:00"}
    remember_demo(Settings.from_environment(given))
    other = Settings.from_environment(
        {"MIMAMORI_HOME": str(tmp_path), "MIMAMORI_CLOCK": "fixed:2026-10-01T09:00+09:00"}
    )
    assert (other.env, other.clock) == ("demo", parse_clock("fixed:2026-10-01T09:00+09:00"))
    assert Settings.from_environment({"MIMAMORI_HOME": str(tmp_path), "MIMAMORI_ENV": "production"}).clock is None


@pytest.mark.parametrize("env", ["test", "production"])
def test_other_homes_remember_nothing(tmp_path: Path, env: str) -> None:
    remember_demo(Settings.from_environment({"MIMAMORI_HOME": str(tmp_path), "MIMAMORI_ENV": env}))
    assert Settings.from_environment({"MIMAMORI_HOME": str(tmp_path)}).env == "production"
