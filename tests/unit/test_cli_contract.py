"""The command line's contract where no service is needed: help that teaches, one document an answer, codes, no loose words."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from typer import Context
from typer.core import TyperGroup
from typer.main import get_command

from services.cli import rules
from services.cli.main import app, main

STABLE = {
    "up", "down", "status", "migrate", "synth", "person", "feed", "quarantine", "link", "judge", "run", "judgement",
    "rules", "approval", "publish", "queue", "report", "console", "log", "witness", "erase", "gate", "suspend", "worker", "bus",
}  # fmt: skip


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below, groups included, by its words."""
    yield path, command
    if isinstance(command, TyperGroup):
        context = Context(command)
        for name in command.list_commands(context):
            yield from _commands(command.get_command(context, name), (*path, name))


COMMANDS = dict(_commands(get_command(app)))


def test_the_commands_that_scripts_stand_on_are_there() -> None:
    assert {path[0] for path in COMMANDS if path} == STABLE


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_teaches_itself_in_japanese(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*path, "--help"]) == 0
    shown = capsys.readouterr().out
    command = COMMANDS[path]
    assert _japanese(command.help) and command.help.split("\n")[0] in shown
    untold = [p.name for p in command.params if p.name != "help" and not _japanese(getattr(p, "help", None))]
    assert untold == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["judge"],
        ["nothing"],
        ["queue"],
        ["judge", "--as-of", "2026-02-30"],
        ["feed", "load"],
        ["link", "--nothing"],
        [],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("as_json", [True, False])
def test_wrong_usage_ends_with_2_and_with_json_in_one_document(
    arguments: list[str], as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--json"] if as_json else arguments) == 2
    captured = capsys.readouterr()
    assert "--help" in captured.err
    if as_json:
        assert json.loads(captured.out).keys() == {"error", "message", "conditions"}
    else:
        assert captured.out == ""


def test_json_may_stand_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    documents = []
    for arguments in (["--json", "rules", "schema"], ["rules", "--json", "schema"], ["rules", "schema", "--json"]):
        assert main(arguments) == 0
        documents.append(json.loads(capsys.readouterr().out))
    assert documents[0] == documents[1] == documents[2]


@pytest.mark.parametrize(
    "error",
    [RuntimeError("見守 花子"), psycopg.errors.UniqueViolation("Key (number)=(0010001617)"), KeyError("見守 花子")],
)
def test_what_nobody_foresaw_shows_its_place_and_not_its_words(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    captured = _failing(error, monkeypatch, capsys)
    assert "花子" not in captured.err + captured.out and "0010001617" not in captured.err + captured.out
    assert "services/cli/rules.py" in captured.err and type(error).__name__ in captured.err
    assert json.loads(captured.out)["error"] == type(error).__name__


def test_a_server_that_is_gone_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    captured = _failing(psycopg.OperationalError("server closed the connection"), monkeypatch, capsys)
    assert "もう一度実行してください" in captured.err
    assert "services/" not in captured.err


def test_a_place_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    captured = _failing(OSError(28, "No space left on device", "/city/report.html"), monkeypatch, capsys)
    assert "/city/report.html" in captured.err and "空き容量" in captured.err
    assert "services/" not in captured.err


def _failing(error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def fail() -> None:
        raise error

    monkeypatch.setattr(rules, "open_database", fail)
    assert main(["rules", "list", "--json"]) == 1
    return capsys.readouterr()


def test_brackets_of_a_document_are_shown_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    captured = []
    for arguments in (["feed", "schema", "[bold]x"], ["feed", "schema", "[/]"]):
        assert main(arguments) == 2
        captured.append(capsys.readouterr().err)
    assert "[bold]x" in captured[0] and "[/]" in captured[1]


def _japanese(text: str | None) -> bool:
    return any("ぁ" <= letter <= "龥" for letter in text or "")
