"""Each command's module is imported when the command is asked for: all of them take three times as long to start as one."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

MODULES = {
    "up": "system",
    "down": "system",
    "status": "system",
    "migrate": "system",
    "synth": "system",
    "person": "person",
    "feed": "feed",
    "quarantine": "feed",
    "bus": "bus",
    "link": "judgement",
    "judge": "judgement",
    "publish": "judgement",
    "run": "judgement",
    "judgement": "judgement",
    "rules": "rules",
    "gate": "gate",
    "approval": "approval",
    "queue": "queue",
    "log": "log",
    "witness": "witness",
    "report": "report",
    "console": "console",
    "erase": "erase",
    "suspend": "suspend",
    "worker": "worker",
}  # in the order of `--help`


class Commands(TyperGroup):
    """The commands of MODULES, each of which the module's `add_to` adds."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names."""
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One command, imported; None where there is none of the name."""
        if cmd_name not in MODULES:
            return None
        application = typer.Typer(rich_markup_mode=None)  # as the whole is
        import_module(f"services.cli.{MODULES[cmd_name]}").add_to(application)
        return get_group(application).commands[cmd_name]
