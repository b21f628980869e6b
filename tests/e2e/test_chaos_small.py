"""`make chaos`, so small that it fits here: every process and every fail point is killed once, and nothing is lost or doubled."""

import re
from pathlib import Path

import pytest

from infra.chaos.main import blow
from infra.chaos.plan import POINTS, Storm, strikes

ROOT = Path(__file__).parents[2]
PROCESSES = ["pump in", "pump out", "worker 1", "worker 2", "producer", "broker 1", "database"]
SMALL = Storm(300, children=60, points=1, kills=len(PROCESSES), cuts=2, brokers=1, seed=1, gap=1.5, leases=False)


def test_the_storm_knows_every_fail_point() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "services").rglob("*.py"))
    assert set(re.findall(r'fail_point\([^)]*"([a-z-]+)"\)', source)) == set(POINTS)


def test_a_seed_is_a_plan_in_which_everybody_has_a_share() -> None:
    storm = Storm(events=1, children=1, points=1, kills=70, cuts=0, brokers=1, seed=3)
    plan = strikes(storm, PROCESSES, ["a line"])
    assert plan == strikes(storm, PROCESSES, ["a line"])
    assert sorted(each.target for each in plan) == sorted(PROCESSES * 10)


@pytest.mark.e2e
@pytest.mark.usefixtures("kafka_jars")
def test_whoever_is_killed_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    report = blow(SMALL, tmp_path)
    assert report["faults"] == []
    assert report["acts"]["killed at fail points"] == dict.fromkeys(POINTS, 1)
    assert report["acts"]["killed"] == dict.fromkeys(sorted(PROCESSES), 1)
