"""The lawyer's table: at least four acts for each clause of each profile, decided as its words say."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from models.legality.explain import explain
from models.legality.profile import Clause, Profile, shipped_profiles
from schemas.records.explain import ExplainRequest
from services.cli.main import main
from tests.examples.table import Example, examples

TABLE = tuple(examples())
CLAUSES = {clause.id: (profile, clause) for profile in shipped_profiles().values() for clause in profile.clauses}


def _by_clause() -> dict[str, list[Example]]:
    rows: dict[str, list[Example]] = defaultdict(list)
    for example in TABLE:
        rows[example.clause].append(example)
    return rows


def _words(profile: Profile, clause: Clause) -> list[str]:
    """The clause's quotations, and the profile's on 特定個人情報."""
    return [quote.text for quote in clause.quotes] + ([profile.my_number.text] if profile.my_number else [])


def test_every_clause_of_every_profile_has_its_examples_and_no_other_has() -> None:
    assert _by_clause().keys() == CLAUSES.keys()


@pytest.mark.parametrize("clause", CLAUSES)
def test_a_clause_has_four_examples_a_permit_and_a_near_miss_among_them(clause: str) -> None:
    rows = _by_clause()[clause]
    assert len(rows) >= 4
    assert len({row.story for row in rows}) == len(rows)
    assert {row.outcome for row in rows} == {"permit", "refuse"}


@pytest.mark.parametrize("example", TABLE, ids=lambda example: example.name)
def test_the_words_that_settle_an_example_are_the_clauses_own(example: Example) -> None:
    profile, clause = CLAUSES[example.clause]
    assert profile.id == example.profile
    assert any(example.quote in words for words in _words(profile, clause))


@pytest.mark.parametrize("example", TABLE, ids=lambda example: example.name)
def test_a_refusal_names_what_failed_and_a_permit_nothing(example: Example) -> None:
    assert (example.outcome == "refuse") == bool(example.codes)


@pytest.mark.parametrize("example", TABLE, ids=lambda example: example.name)
def test_the_gate_answers_as_the_table_says(example: Example) -> None:
    answer = explain(ExplainRequest.model_validate_json(json.dumps(example.request)), shipped_profiles())
    assert (answer.outcome, frozenset(failed.code for failed in answer.failed)) == (example.outcome, example.codes)
    assert example.duties <= {duty.code for duty in answer.duties}


def test_the_command_answers_many_requests_of_a_file_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "table.jsonl"
    file.write_text("\n".join(json.dumps(example.request, ensure_ascii=False) for example in TABLE), "utf-8")
    assert main(["gate", "explain", str(file), "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)
    told = [(answer["outcome"], frozenset(failed["code"] for failed in answer["failed"])) for answer in answers]
    assert told == [(example.outcome, example.codes) for example in TABLE]
