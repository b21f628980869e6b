"""What the operator sets: the only module that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

from schemas.errors import UsageError
from services.platform.files import create_once
from services.platform.kafka import KafkaSettings

JAPAN = ZoneInfo("Asia/Tokyo")
REMEMBERED = "demo.env"  # in a demo's home

Env = Literal["production", "demo", "test"]


@dataclass(frozen=True)
class ClockSetting:
    """MIMAMORI_CLOCK, parsed.

    kind: `from` = the home's first use is `time` and time runs on from there; `fixed` = it is always `time`
    time: aware
    """

    kind: Literal["from", "fixed"]
    time: datetime


@dataclass(frozen=True)
class Settings:
    """The settings of one process.

    home:         absolute; embedded database, secrets, keys, spool
    database_url: host and database of a PostgreSQL of the operator's own; None = the embedded one
    admin_url:    how `migrate` alone connects to it; None with the embedded one, which knows its administrator by peer
    clock:        None = the real time
    env:          production, demo or test; the database remembers it from its first migration
    kafka:        None = no Kafka
    feeds:        folder that scheduled loads read; None = loads are started by hand alone
    profile:      how the files in it are written
    fail_at:      where a test lets this process be killed (see failpoint.py); None = nowhere
    """

    home: Path
    database_url: str | None = None
    admin_url: str | None = None
    clock: ClockSetting | None = None
    env: Env = "production"
    kafka: KafkaSettings | None = None
    feeds: Path | None = None
    profile: str = "canonical"
    fail_at: str | None = None

    def __post_init__(self) -> None:
        if self.clock is not None and self.env == "production":
            raise UsageError(
                "MIMAMORI_CLOCK は MIMAMORI_ENV が demo または test のときだけ使えます。"
                "本番では MIMAMORI_CLOCK を外してください。"
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the MIMAMORI_… variables; an empty one counts as unset. environ: None = the process's own.

        A demo's home remembers that it is one, and its clock: without MIMAMORI_ENV a command takes these.
        """
        found = os.environ if environ is None else environ
        value = {name: text.strip() for name, text in found.items() if name.startswith("MIMAMORI_") and text.strip()}
        home = Path(value.get("MIMAMORI_HOME", ".mimamori")).expanduser().absolute()
        if "MIMAMORI_ENV" not in value:
            value = _remembered(home) | value
        return cls(
            home=home,
            database_url=value.get("MIMAMORI_DATABASE_URL"),
            admin_url=value.get("MIMAMORI_ADMIN_URL"),
            clock=parse_clock(value["MIMAMORI_CLOCK"]) if "MIMAMORI_CLOCK" in value else None,
            env=_parse_env(value.get("MIMAMORI_ENV", "production")),
            kafka=KafkaSettings.of(value),
            feeds=Path(value["MIMAMORI_FEEDS"]).expanduser().absolute() if "MIMAMORI_FEEDS" in value else None,
            profile=value.get("MIMAMORI_PROFILE", "canonical"),
            fail_at=value.get("MIMAMORI_FAIL_AT"),
        )


def remember_demo(settings: Settings) -> None:
    """Note in a demo's home that it is one, and the clock that runs on in it; what is noted already stays."""
    if settings.env != "demo":
        return
    lines = ["MIMAMORI_ENV=demo"]
    if settings.clock is not None and settings.clock.kind == "from":
        lines.append(f"MIMAMORI_CLOCK=from:{settings.clock.time.isoformat()}")
    create_once(settings.home / REMEMBERED, "\n".join(lines) + "\n")


def _remembered(home: Path) -> dict[str, str]:
    try:
        lines = (home / REMEMBERED).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines)


def parse_clock(text: str) -> ClockSetting:
    """Read `from:TIME` or `fixed:TIME`; TIME is ISO 8601, without offset it is Japan time."""
    kind, _, written = text.partition(":")
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        time = None
    if kind not in ("from", "fixed") or time is None:
        raise UsageError(
            "MIMAMORI_CLOCK は from:日時 または fixed:日時 の形で書いてください(例 from:2026-09-01T09:00+09:00)。"
        )
    aware = time.replace(tzinfo=JAPAN) if time.tzinfo is None else time
    return ClockSetting("from" if kind == "from" else "fixed", aware)


def _parse_env(text: str) -> Env:
    if text not in get_args(Env):
        raise UsageError("MIMAMORI_ENV は production、demo、test のいずれかにしてください。")
    return cast(Env, text)
