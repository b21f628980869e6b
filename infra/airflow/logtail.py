"""The end of a log, for a person: of a task's log (JSON lines) its last error, of any other its last lines."""

import json
from pathlib import Path
from typing import Any

LINES = 12


def log_tail(path: Path) -> str:
    """What went wrong, as far as the log tells."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [text for line in lines for text in _errors(line)]
    return "\n".join(errors[-1:] or lines[-LINES:])


def _errors(line: str) -> list[str]:
    """The exceptions of one JSON line as `Type: message (file:line)`; none where it is not JSON or no error."""
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return []
    details: list[dict[str, Any]] = event.get("error_detail") or [] if isinstance(event, dict) else []
    return [f"{error['exc_type']}: {error['exc_value']} ({_place(error['frames'])})" for error in details]


def _place(frames: list[dict[str, Any]]) -> str:
    return f"{frames[-1]['filename']}:{frames[-1]['lineno']}" if frames else "no frame"
