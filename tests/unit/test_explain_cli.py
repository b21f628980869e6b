"""`mimamori gate explain FILE`: its documents, texts and exit codes. No database is needed."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.cli.main import main
from tests.examples.table import examples

KEYS = {"outcome", "profile", "clauses", "failed", "duties", "path", "items", "fits"}


@pytest.fixture(autouse=True)
def _no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home that would fail to open, and a folder that shows what was written."""
    monkeypatch.setenv("MIMAMORI_HOME", str(tmp_path / "home"))


def _of(outcome: str) -> dict[str, Any]:
    return next(example.request for example in examples() if example.outcome == outcome)


def _write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.parametrize(("outcome", "code"), [("permit", 0), ("refuse", 3)])
def test_one_request_gives_one_document_and_its_exit_code(
    outcome: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, "request.json", json.dumps(_of(outcome)))
    assert main(["gate", "explain", file, "--json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert set(document) == KEYS
    assert document["outcome"] == outcome
    assert all(set(failed) == {"code", "text", "mend", "quote"} for failed in document["failed"])
    assert not (tmp_path / "home").exists()


def test_many_requests_give_a_list_and_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.dumps(_of("permit")), "", json.dumps(_of("refuse"))]
    assert main(["gate", "explain", _write(tmp_path, "requests.jsonl", "\n".join(lines)), "--json"]) == 0
    assert [each["outcome"] for each in json.loads(capsys.readouterr().out)] == ["permit", "refuse"]


def test_for_people_a_refusal_says_what_failed_what_would_mend_it_and_the_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gate", "explain", _write(tmp_path, "request.json", json.dumps(_of("refuse")))]) == 3
    shown = capsys.readouterr().out
    assert "判断: 拒否" in shown
    assert "満たされない条件" in shown
    assert "→" in shown


def test_the_schema_is_printed_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "explain", "--schema", "--json"]) == 0
    schema = json.loads(capsys.readouterr().out)
    groups = {"parties", "aim", "data", "grounds", "council", "limits"}
    assert set(schema["required"]) == groups | {"profile", "act", "date", "approval"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "null",
        '{"profile": null, "profile": null}',
        json.dumps(_of("permit") | {"name": "漏らしてはならない語"}),
        json.dumps(_of("permit") | {"act": "漏らしてはならない語"}),
        "[" * 100_000,
    ],
)
def test_what_is_no_request_is_wrong_usage_and_is_not_repeated(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gate", "explain", _write(tmp_path, "request.json", text)]) == 2
    captured = capsys.readouterr()
    assert "漏らしてはならない語" not in captured.err + captured.out
    assert "Traceback" not in captured.err


def test_without_a_file_it_is_wrong_usage() -> None:
    assert main(["gate", "explain"]) == 2
    assert main(["gate", "explain", "no-such-file.json"]) != 0
