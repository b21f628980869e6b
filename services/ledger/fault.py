"""What a check of the log and of what hangs on it finds."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One contradiction.

    kind:   a code, e.g. `ENTRY_MISSING`
    text:   what it means, in Japanese
    index:  the entry of the log that it is about; None where it is about none
    id:     else what it is about: a decision, an act's own number, an approval with its version; None where it has an index alone
    """

    kind: str
    text: str
    index: int | None = None
    id: str | None = None

    def json(self) -> dict[str, Any]:
        """As the command line prints it: what is None is left out."""
        about = {"index": self.index, "id": self.id}
        return {"kind": self.kind} | {k: v for k, v in about.items() if v is not None} | {"text": self.text}
