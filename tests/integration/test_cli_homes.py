"""A home is what it was made as: production, demo or test; its clock and approvals follow from that."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.platform import postgres
from tests.operating import Operator, operator_of


@pytest.fixture
def production() -> Iterator[Operator]:
    """A production home with a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="mimamori-production-"))
    folder.chmod(0o755)  # the server's user must be able to enter it where the tests run as root
    operator = operator_of({"MIMAMORI_ENV": "production"}, home=folder / "home")
    try:
        yield operator
    finally:
        postgres.stop(operator.home)
        shutil.rmtree(folder)


@pytest.mark.e2e
def test_a_production_home_has_nobody_no_clock_and_is_no_demo(production: Operator, tmp_path: Path) -> None:
    assert production.json("status")["running"] is False
    assert "migrate" in production.json("run", "list", code=1)["message"]
    production.run("up", "--demo", code=2)
    assert not production.home.exists() or not postgres.exists(production.home)

    production.run("up")
    as_demo = production.having(MIMAMORI_ENV="demo")
    for command in (("up", "--demo"), ("run", "list"), ("status",)):
        assert "production" in as_demo.json(*command, code=1)["message"]
    clocked = production.having(MIMAMORI_CLOCK="fixed:2026-09-01T09:00+09:00")
    assert "MIMAMORI_CLOCK" in clocked.json("run", "list", code=2)["message"]
    assert "MIMAMORI_ENV" in production.having(MIMAMORI_ENV="staging").json("status", code=2)["message"]

    keyfile = tmp_path / "first.pem"
    assert production.json("person", "add", "first", "--role", "caseworker", "--key", keyfile, code=2)["message"]
    production.run("person", "add", "first", "--role", "admin", "--key", keyfile)
    production.run("person", "add", "second", "--role", "auditor", "--key", tmp_path / "second.pem", code=2)
    persons = production.json("person", "list", "--as", keyfile)["persons"]
    assert [(person["person"], person["roles"]) for person in persons] == [("first", ["admin"])]
    assert production.json("publish", code=2)["message"]  # nothing was judged

    production.run("down")
    assert production.json("status")["running"] is False
    assert production.json("run", "list") == {"runs": []}  # started again by whoever needs it
