"""What is told of a run that was computed again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Differing:
    """A line that came out otherwise.

    position: of the line among the run's, from 0; None for a child whom the run did not judge
    child_id: None where it is only the stored row that no longer writes the line it was, or where nobody may be named
    erased:   a source row that the line rests on was erased with another person; the line itself still proves
    """

    position: int | None
    child_id: str | None
    erased: bool = False


@dataclass(frozen=True)
class RepeatReport:
    """A run against its repetition.

    root, repeated_root: hexadecimal; where a line was erased, or rests on what was, its leaf stands in both
    children:  lines of the run, those of erased children included
    erased:    positions of the lines of erased children
    changed:   what the manifest names by digest and was found otherwise: batches, links, norms, suspended
    engines:   name → (version of the run, version now), where they differ; `code` among them
    """

    run: str
    root: str
    repeated_root: str
    children: int
    erased: tuple[int, ...]
    differs: tuple[Differing, ...]
    changed: tuple[str, ...]
    engines: Mapping[str, tuple[str, str]]

    @property
    def same(self) -> bool:
        """Whether the run says today what it said then."""
        return self.root == self.repeated_root and all(line.erased for line in self.differs)

    def without_children(self) -> "RepeatReport":
        """The same, naming lines by their positions alone."""
        return replace(self, differs=tuple(replace(line, child_id=None) for line in self.differs))

    def json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "run": self.run, "root": self.root, "repeated_root": self.repeated_root, "same": self.same,
            "children": self.children, "erased": len(self.erased), "erased_positions": list(self.erased),
            "differs": [
                {"position": line.position, "child_id": line.child_id, "rests_on_erased": line.erased} for line in self.differs
            ],
            "changed": list(self.changed),
            "engines": {name: {"run": then, "now": now} for name, (then, now) in self.engines.items()},
        }  # fmt: skip
