"""What one scheduled run hands to the next: days, runs and counts in the extra of an asset event, nothing else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from schemas.errors import UsageError

Asset = TypeVar("Asset")


class Event(Protocol):
    """An asset event, as far as it is read here."""

    @property
    def extra(self) -> Mapping[str, object]: ...
    @property
    def timestamp(self) -> datetime: ...


class HandoverMissingError(UsageError):
    """The asset event that started this run does not say what the run is about."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            f"起動元のアセットイベントに {', '.join(names)} がありません。この DAG は手動では起動できません。"
            "前段の DAG を実行してください。"
        )


def handed_over(events: Mapping[Asset, Sequence[Event]], asset: Asset, *names: str) -> dict[str, str]:
    """Read `names` from the newest event of `asset` among those that started this run.

    events:  by asset; a run started by hand has none: refused, as is an event that lacks a name or leaves it empty
    """
    newest = max(events.get(asset, ()), key=lambda event: event.timestamp, default=None)
    extra = newest.extra if newest else {}
    missing = [name for name in names if extra.get(name) in (None, "")]
    if missing:
        raise HandoverMissingError(missing)
    return {name: str(extra[name]) for name in names}
