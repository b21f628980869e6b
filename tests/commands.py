"""`mimamori` inside the test's own process: the same command line without starting a Python for each command."""

import json
import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from services.cli.main import main


@dataclass(frozen=True)
class Commands:
    """Runs commands with --json for one home. environ: the MIMAMORI_… variables of that home."""

    environ: Mapping[str, str]

    def at(self, time: str) -> "Commands":
        """The same home with the clock standing at another time."""
        return replace(self, environ={**self.environ, "MIMAMORI_CLOCK": f"fixed:{time}"})

    def __call__(self, *command: str | Path, codes: tuple[int, ...] = (0,)) -> Any:
        """The document of a command, which has to end with one of `codes`."""
        said, told = StringIO(), StringIO()
        with patch.dict(os.environ, self.environ), redirect_stdout(said), redirect_stderr(told):
            code = main([*map(str, command), "--json"])
        assert code in codes, f"mimamori {' '.join(map(str, command))} → {code}\n{said.getvalue()}\n{told.getvalue()}"
        return json.loads(said.getvalue())
