"""Write the published description of the events: `python -m infra.ci.event_schemas [--release]`.

Without --release the AsyncAPI document alone; with it also the rows' schemas that later versions are held to. A test says when
either is not up to date, and `breaking_changes` what a release would break: then the events' version has to go up.
"""

import json
import sys
from pathlib import Path
from typing import Any

from schemas.events.asyncapi import asyncapi_document, row_schema
from schemas.events.compatible import binding
from schemas.events.kinds import EVENT_FEEDS, VERSION

FOLDER = Path(__file__).parents[2] / "schemas" / "events"
DOCUMENT = FOLDER / "asyncapi.json"
RELEASED = FOLDER / "released" / VERSION


def main(arguments: list[str]) -> None:
    """Write what is asked for."""
    DOCUMENT.write_text(as_text(asyncapi_document()), "utf-8")
    if "--release" in arguments:
        RELEASED.mkdir(parents=True, exist_ok=True)
        for feed, contract in EVENT_FEEDS.items():
            (RELEASED / f"{feed}.json").write_text(as_text(binding(row_schema(contract))), "utf-8")


def as_text(document: dict[str, Any]) -> str:
    """As it is kept: one value a line, so that a change shows."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
