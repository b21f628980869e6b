"""`mimamori gate explain FILE`: its documents, texts and exit codes. No database is needed."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.legality import profile
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


WHOLE = json.dumps(_of("permit"))
SECRET = "漏らしてはならない語"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "要求がありません"),
        ("\ufeff \r\n", "要求がありません"),
        ("[]", "項目の組"),
        ("null", "項目の組"),
        ("{", "1行目の2文字目"),
        (WHOLE + WHOLE, "書き方が違います"),
        ('{"profile": null, "profile": null}', "二度"),
        (WHOLE.replace('"extra": {', '"extra": {"runs_done": NaN, '), "NaN"),
        (WHOLE.replace('"extra": {', '"extra": {"runs_done": -Infinity, '), "Infinity"),
        (WHOLE.replace('"extra": {', '"extra": {"runs_done": %s, ' % ("9" * 5000)), "桁"),
        (WHOLE.replace('"extra": {', '"extra": {"runs_done": true, '), "extra.runs_done: 整数"),
        (WHOLE.replace('"extra": {', '"extra": {"processors": true, '), "extra.processors: 整数"),
        (WHOLE.replace('"extra": {', '"extra": {"processors": "3", '), "extra.processors: 整数"),
        (WHOLE.replace('"extra": {', '"extra": {"processors": 2.0, '), "extra.processors: 整数"),
        (WHOLE.replace('"extra": {', '"extra": {"processors": -1, '), "extra.processors: 0以上"),
        (WHOLE.replace('"extra": {', '"extra": {"scheduled": 1, '), "extra.scheduled: 許される値"),
        (json.dumps(_of("permit") | {"date": 0}), "date: 日は"),
        (json.dumps(_of("permit") | {"date": "2024-06-01T00:00:00"}), "date: 日は"),
        (json.dumps(_of("permit") | {"date": "2024-02-30"}), "date: 日は"),
        (json.dumps({key: value for key, value in _of("permit").items() if key != "limits"}), "limits: この項目が"),
        (json.dumps(_of("permit") | {"name": SECRET}), "name: 知らない項目"),
        (json.dumps(_of("permit") | {"n" * 10_000: SECRET}), "n…: 知らない項目"),
        (json.dumps(_of("permit") | {"\ud800": SECRET}), "符号"),
        (json.dumps(_of("permit") | {"act": SECRET}), "act: 許される値"),
        (json.dumps(_of("permit") | {"approval": "\ud800"}), "符号"),
        ("[" * 100_000, "入れ子"),
        (json.dumps(_of("permit") | {"approval": "x" * 10_000_000}), "長すぎます"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_wrong_usage_and_is_not_repeated(
    text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("request.json", "requests.jsonl"):
        assert main(["gate", "explain", _write(tmp_path, name, text)]) == 2
        captured = capsys.readouterr()
        assert told in captured.err
        assert SECRET not in captured.err + captured.out
        assert "Traceback" not in captured.err
        assert len(captured.err) < 2_000


def test_a_wrong_line_among_many_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "explain", _write(tmp_path, "requests.jsonl", f"{WHOLE}\n\n{{}}\n")]) == 2
    assert capsys.readouterr().err.startswith("3件目（行）")


@pytest.mark.parametrize("name", ["requests.jsonl", "REQUESTS.JSONL"])
def test_a_file_from_another_system_is_read_alike(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"\ufeff\r\n{WHOLE}\r\n  \r\n{WHOLE}\r\n"
    assert main(["gate", "explain", _write(tmp_path, name, text), "--json"]) == 0
    assert [each["outcome"] for each in json.loads(capsys.readouterr().out)] == ["permit", "permit"]


@pytest.mark.parametrize("kind", ["folder", "utf-16", "gone"])
def test_a_file_that_cannot_be_read_is_wrong_usage(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "request.json"
    if kind == "folder":
        path.mkdir()
    elif kind == "utf-16":
        path.write_text(WHOLE, "utf-16")
    assert main(["gate", "explain", str(path)]) == 2
    assert "ファイル" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("valid_from = 2023-04-01", "valid_from = 2023-05-01", "期間に空白があります: minoh/support "),
        ("valid_from = 2023-04-01", "valid_from = 2023-03-31", "期間が重なっています: minoh/support "),
        ('id = "minoh/support"', 'id = "minoh/support', "minoh.toml"),
        ('succeeded_by = "appi-69"', 'succeeded_by = "appi-70"', "appi-70"),
        ('path = "extra.purpose_is_support"', 'path = "extra.purpose"', "extra.purpose"),
    ],
)
def test_a_profile_with_a_fault_shuts_the_gate_and_is_named(
    old: str, new: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (Path(str(profile.FOLDER)) / "minoh_support_purpose.toml").read_text("utf-8")
    assert old in text
    _write(tmp_path, "minoh.toml", text.replace(old, new))
    monkeypatch.setattr(profile, "FOLDER", tmp_path)
    profile.shipped_profiles.cache_clear()
    try:
        assert main(["gate", "explain", _write(tmp_path, "request.json", WHOLE)]) == 1
    finally:
        profile.shipped_profiles.cache_clear()
    captured = capsys.readouterr()
    assert told in captured.err
    assert "法令プロファイル" in captured.err
    assert "profile.py" not in captured.err


def test_without_a_file_it_is_wrong_usage() -> None:
    assert main(["gate", "explain"]) == 2
