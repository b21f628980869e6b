"""A rule set as an operator names it: a file, or the version or digest of one that is known here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection

from schemas.errors import UsageError
from schemas.rules import RuleSet, default_text, load_default, parse
from services.platform.queries import queries
from services.rulesets.registry import read_content
from services.rulesets.standing import versions

SHORTEST = 8  # hexadecimal digits of a digest
LARGEST = 1_000_000  # bytes; the default has some twenty thousand


@dataclass(frozen=True)
class Named:
    """text: the file as it was handed in; None where the rule set was known already."""

    rules: RuleSet
    text: str | None


def read_text(path: Path) -> str:
    """The text of a rule set's file; raises UsageError where it cannot be read as text."""
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"判定ルールのファイル {path} が大きすぎます（{LARGEST:,} バイトまで）。")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"判定ルールのファイル {path} を読めません。UTF-8 の TOML ファイルを指定してください。"
        ) from error


def named(conn: Connection[Any], name: str) -> Named:
    """The rule set of this name: a version, a digest (or its first eight digits), else a file.

    A version means what was adopted under it, if anything was. Raises UsageError where several drafts bear it and none
    was adopted, RuleSetError where a file has a fault.
    """
    known = [load_default(), *(read_content(row[0]) for row in conn.execute(queries("services.rulesets")["known"]))]
    found = {each.digest(): each for each in known if _bears(each, name)}
    official = versions(conn).get(name)
    if official in found:
        return Named(found[official], None)
    if len(found) > 1:
        listed = "、".join(sorted(digest[:12] for digest in found))
        raise UsageError(f"{name} は一つに決まりません。照合値で指定してください: {listed}")
    if found:
        return Named(next(iter(found.values())), None)
    text = read_text(Path(name))
    return Named(parse(text), text)


def shown(conn: Connection[Any], name: str) -> Named:
    """The rule set of this name as `named` finds it, with its file wherever that is at hand."""
    found = named(conn, name)
    if found.text is not None:
        return found
    row = conn.execute(queries("services.rulesets")["text"], {"digest": bytes.fromhex(found.rules.digest())}).fetchone()
    kept: str | None = None if row is None else row[0]
    if kept is None and found.rules == load_default():
        kept = default_text()
    return Named(found.rules, kept)


def _bears(rules: RuleSet, name: str) -> bool:
    return name == rules.version or (len(name) >= SHORTEST and rules.digest().startswith(name))
