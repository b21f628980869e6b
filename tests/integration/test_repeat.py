"""A run computed again: the same root whatever came later, however it is computed, child by child, and with one child erased."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.judgement.line import leaf_hashes
from schemas.rules import load_default
from services.gate import Request, act
from services.judgement.ground import ground_of
from services.judgement.main import CLASSES
from services.judgement.main import ITEMS as JUDGED
from services.judgement.provisional import judge_reach, store_provisional
from services.judgement.reach import hold
from services.judgement.store import find_run
from services.judgement.touched import Touched
from services.platform.database import Database
from services.platform.seal import give_seal
from tests.canonical import write_feed
from tests.operating import Operator

LATER = "2026-10-05T09:00+09:00"


@pytest.mark.e2e
def test_a_run_says_the_same_years_later(
    operator: Operator, database: Database, synthetic_city: Path, tmp_path: Path
) -> None:
    operator.run("up", "--demo")
    operator.run("feed", "load", synthetic_city / "feeds", "--profile", "demo", "--initial")
    operator.run("link")
    operator.run("judge", "--as-of", "2026-01-31")
    run = operator.json("judge", "--as-of", "2026-08-31")
    shown = operator.json("run", "show", run["run"], "--judgements", "--as", "auditor.pem")["judgements"]

    first = operator.json("run", "repeat", run["run"])
    assert (first["same"], first["root"], first["repeated_root"]) == (True, run["root"], run["root"])
    assert (first["erased"], first["differs"], first["changed"], first["engines"]) == (0, [], [], {})

    _judge_each_alone(database, run["run"])
    _load_what_came_later(operator.at(LATER), database, tmp_path / "later", shown)
    for threads, partitions in (("1", "16"), ("2", "1")):
        again = operator.at(LATER).having(POLARS_MAX_THREADS=threads)
        assert again.json("run", "repeat", run["run"], "--partitions", partitions) == first

    sibling, erased = _two_of_one_household(shown)
    for person in ("caseworker.pem", "admin.pem"):
        operator.run(
            "erase", "--child", erased, "--reason", "request", "--as", person, code=4 if "case" in person else 0
        )
    after = operator.json("run", "repeat", run["run"], "--as", "auditor.pem", "--partitions", "3")
    assert (after["same"], after["repeated_root"], after["erased"]) == (True, run["root"], 1)
    assert after["erased_positions"] == [sorted(each["child_id"] for each in shown).index(erased)]
    # whose 児童扶養手当 rested on the erased child's row too
    assert [(line["child_id"], line["rests_on_erased"]) for line in after["differs"]] == [(sibling, True)]

    changed = _change_a_fact(database, shown, beside=(sibling, erased))
    _pretend_another_engine(database, run["run"])
    parted = operator.json("run", "repeat", run["run"], "--as", "auditor.pem", code=1)
    assert not parted["same"]
    assert parted["engines"]["polars"]["run"] == "0.1"
    assert [line["child_id"] for line in parted["differs"] if not line["rests_on_erased"]] == [changed]
    unnamed = operator.json("run", "repeat", run["run"], code=1)["differs"]
    assert [(line["position"], line["child_id"]) for line in unnamed] == [
        (line["position"], None) for line in parted["differs"]
    ]


def _judge_each_alone(database: Database, name: str) -> None:
    """速報 on the same seal, norm set and chain say of a child what the run says, and are stored as the same judgement."""
    rules = load_default()
    request = Request(act="judge_event", role="analyst", items=JUDGED, classes=CLASSES, rules=rules.version)
    with act(database, role="worker", request=request) as permit:
        conn = permit.conn
        run = find_run(conn, name)
        ground = ground_of(conn, as_of=run.as_of, seal=run.seal + 1, rules=rules)
        assert (
            ground is not None and ground.run == name and [each.as_of for each in ground.chain] == [date(2026, 1, 31)]
        )
        stored = dict(
            conn.execute("SELECT child_id::text, leaf_hash FROM judgement.judgement WHERE run = %s", (name,)).fetchall()
        )
        keys = [
            key
            for (key,) in conn.execute(
                "SELECT min(person_key) FROM linkage.link GROUP BY child_id ORDER BY 1"
            ).fetchall()
        ]
        for touched in (*([key] for key in keys[::9]), keys):
            said = judge_reach(conn, ground, hold(conn, Touched(frozenset(touched))))
            leaves = dict(zip(said.lines["child_id"], leaf_hashes(said.lines["line"]), strict=True))
            assert {child: stored[child] for child in leaves} == leaves
        assert leaves == stored  # all at once
        kept = "SELECT count(*) FROM judgement.said"
        before = conn.execute(kept).fetchall()
        store_provisional(conn, ground, said, read=run.seal, seal=give_seal(conn, "run"), decision=permit.record())
        assert conn.execute(kept).fetchall() == before
        assert conn.execute(
            "SELECT count(*) FROM judgement.provisional JOIN judgement.provisional_line USING (seal) WHERE run = %s",
            (name,),
        ).fetchall() == [(len(stored),)]


def _load_what_came_later(operator: Operator, database: Database, folder: Path, shown: list[dict[str, Any]]) -> None:
    """A consultation that would have been open on the judged day, loaded, linked and judged after the run."""
    child = next(each["child_id"] for each in shown if each["nurturing"] == "N0" and each["economic"] == "E0")
    with database.admin() as conn:
        asked = (
            "SELECT number FROM identity.person JOIN linkage.link USING (person_key)"
            " WHERE child_id = %s AND system = 'atena_no'"
        )
        number = conn.execute(asked, (child,)).fetchall()[0][0]
    row = {"case_no": "K9", "child_atena_no": number, "kind": "養育相談", "received": "2026-06-01", "status": "受理"}
    write_feed(folder, "soudan", [{**row, "office": "子育て", "event_time": "2026-10-01T09:00:00+09:00"}])
    operator.run("feed", "load", folder, "--profile", "canonical")
    operator.run("link")
    later = operator.json("judge", "--as-of", "2026-08-31")
    assert not later["unchanged"]


def _two_of_one_household(shown: list[dict[str, Any]]) -> tuple[str, str]:
    """Two children whose 児童扶養手当 rests on the same rows."""
    seen: dict[str, str] = {}
    for each in shown:
        rows = [reason["sources"] for reason in each["reasons"] if reason["code"].endswith("_TEATE")]
        if rows and len(rows[0]) > 1:
            other = seen.setdefault(str(rows), each["child_id"])
            if other != each["child_id"]:
                return other, each["child_id"]
    raise AssertionError("no such household in this city")


def _change_a_fact(database: Database, shown: list[dict[str, Any]], *, beside: tuple[str, str]) -> str:
    """Change a consultation behind the service's back; whose it was."""
    found = [
        each["child_id"]
        for each in shown
        for reason in each["reasons"]
        if any(source["feed"] == "soudan" for source in reason["sources"])
    ]
    child: str = next(child for child in found if child not in beside)
    with database.admin() as conn:
        changed = conn.execute(
            "UPDATE facts.soudan SET kind = 'その他' WHERE child_key IN"
            " (SELECT person_key FROM linkage.link WHERE child_id = %s)",
            (child,),
        )
        assert changed.rowcount
    return child


def _pretend_another_engine(database: Database, run: str) -> None:
    with database.admin() as conn:
        conn.execute(
            "UPDATE judgement.run SET manifest = convert_to(jsonb_set(convert_from(manifest, 'UTF8')::jsonb,"
            " '{engines,polars}', '\"0.1\"')::text, 'UTF8') WHERE run = %s",
            (run,),
        )
