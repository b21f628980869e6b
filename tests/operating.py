"""`mimamori` as an operator runs it: real processes, what they answer, and one look at what they left in the database."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

TRACEBACK = "Traceback (most recent call last)"
FAULT = "予期しない誤り"  # what the command line says where it stopped without knowing why


@dataclass(frozen=True)
class Answer:
    """What one command gave back."""

    command: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """Its one JSON document: text before or after it, or a second one, is an error."""
        return json.loads(self.stdout)

    def __str__(self) -> str:
        return f"mimamori {' '.join(self.command)} → {self.code}\n{self.stdout}\n{self.stderr}"


@dataclass(frozen=True)
class Operator:
    """Runs commands for one home. environ: the MIMAMORI_… variables and nothing else of the caller's."""

    environ: Mapping[str, str]

    @property
    def home(self) -> Path:
        """MIMAMORI_HOME."""
        return Path(self.environ["MIMAMORI_HOME"])

    def at(self, time: str) -> "Operator":
        """The same home with the clock standing at another time."""
        return self.having(MIMAMORI_CLOCK=f"fixed:{time}")

    def having(self, **changes: str) -> "Operator":
        """The same with other settings; an empty one counts as unset."""
        return replace(self, environ={**self.environ, **changes})

    def start(self, *command: str | Path) -> subprocess.Popen[str]:
        """A command with --json, running."""
        return subprocess.Popen(
            arguments(command), env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *command: str | Path, code: int = 0) -> Answer:
        """A command with --json, ended; `code` is how it has to end, and never with a traceback."""
        process = self.start(*command)
        stdout, stderr = process.communicate(timeout=120)
        answer = Answer(tuple(map(str, command)), process.returncode, stdout, stderr)
        assert answer.code == code, str(answer)
        assert TRACEBACK not in stderr and FAULT not in stderr, str(answer)
        return answer

    def json(self, *command: str | Path, code: int = 0) -> Any:
        """The document of a command."""
        return self.run(*command, code=code).document


def arguments(command: Sequence[str | Path]) -> list[str]:
    """The process's arguments for a command of mimamori."""
    return [sys.executable, "-m", "services.cli.main", *map(str, command), "--json"]


def operator_of(environ: Mapping[str, str], *, home: Path | None = None) -> Operator:
    """An operator with these settings, in Japanese city fashion without any locale set."""
    more = {} if home is None else {"MIMAMORI_HOME": str(home)}
    return Operator({"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **environ, **more})
