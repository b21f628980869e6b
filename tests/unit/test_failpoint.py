"""Fail points: they end a process where a test asks for it, at the passing it asks for, and nowhere else."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from services.platform.failpoint import fail_point
from services.platform.settings import Settings


def test_a_process_ends_at_the_passing_that_a_test_names_and_never_in_production(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append(pid))
    asked = Settings.from_environment(
        {"MIMAMORI_HOME": str(tmp_path), "MIMAMORI_ENV": "test", "MIMAMORI_FAIL_AT": "here:2"}
    )
    for _ in range(3):
        fail_point(replace(asked, env="production"), "here")
        fail_point(asked, "elsewhere")
    fail_point(asked, "here")
    assert killed == []
    fail_point(asked, "here")
    assert killed == [os.getpid()]
    fail_point(asked, "here")
    assert killed == [os.getpid()]
