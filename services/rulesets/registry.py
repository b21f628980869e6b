"""Rule sets as this city's database keeps them: by the digest of their content, so that a run of any year finds its own."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import rfc8785
from psycopg import Connection

from schemas.rules import RuleSet, load_default
from services.platform.queries import queries


def keep(conn: Connection[Any], rules: RuleSet, *, text: str | None = None) -> bytes:
    """Keep a rule set in the caller's transaction; returns its digest, 32 bytes. One that is known already stays as it is.

    text:  the file as it was handed in; None where only the content is at hand
    """
    digest = bytes.fromhex(rules.digest())
    content = rfc8785.dumps(rules.model_dump(mode="json"))
    row = {"digest": digest, "version": rules.version, "content": content, "text": text}
    conn.execute(queries("services.rulesets")["keep"], row)
    return digest


def find_rules(conn: Connection[Any], digest: str) -> RuleSet | None:
    """The rule set of this digest (hexadecimal), as a run's manifest names it; None where no such content is known here.

    The packaged default is known in every home.
    """
    row = conn.execute(queries("services.rulesets")["content"], {"digest": bytes.fromhex(digest)}).fetchone()
    if row is not None:
        return read_content(row[0])
    default = load_default()
    return default if default.digest() == digest else None


def rules_of(conn: Connection[Any], manifest: Mapping[str, Any]) -> RuleSet:
    """The rule set that a run's manifest names, for its sentences; the packaged default where that is not kept here."""
    digest = manifest.get("rules", {}).get("digest")
    return (None if digest is None else find_rules(conn, digest)) or load_default()


@lru_cache(maxsize=16)
def read_content(content: bytes) -> RuleSet:
    """A rule set from its kept content, which its digest vouches for."""
    return RuleSet.model_validate_json(content)
