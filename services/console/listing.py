"""The list as it is laid out: narrowed by category and state, counted, grouped, in pages."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeVar
from urllib.parse import urlencode

from schemas.rules.names import CATEGORIES
from services.casework.items import Item
from services.casework.states import STATE_LABELS, State

PER_PAGE = 50  # candidates; a page that can be read at a sitting
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Choice:
    """What of the list is asked for. category, state: None = all; page: from 1."""

    path: str = "/"
    category: str | None = None
    state: State | None = None
    page: int = 1

    @property
    def url(self) -> str:
        """Address of this choice; it names no child."""
        asked = {"category": self.category, "state": self.state, "page": self.page if self.page > 1 else None}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return self.path + (f"?{query}" if query else "")


@dataclass(frozen=True)
class Tab:
    """One way to narrow the list. count: candidates it would show."""

    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True)
class Group:
    """Candidates of one category, or those who cannot wait. count: on all pages; items: on this one."""

    heading: str
    count: int
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Layout:
    """One page of the list.

    total:  all candidates, whatever was chosen; found: those chosen; first, last: numbers of those on this page, from 1
    before, after:  addresses of the neighbouring pages
    """

    categories: tuple[Tab, ...]
    states: tuple[Tab, ...]
    groups: tuple[Group, ...]
    total: int
    found: int
    first: int
    last: int
    before: str | None
    after: str | None


def lay_out(items: Sequence[Item], choice: Choice) -> Layout:
    """Lay out what one look found; `items` come grouped: unanswered 速報, then by category. A page past the end is the last one."""
    of_state = [item for item in items if choice.state in (None, item.state)]
    of_category = [item for item in items if choice.category in (None, item.category)]
    found = [item for item in of_state if choice.category in (None, item.category)]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(choice.page, pages)
    start = (page - 1) * PER_PAGE
    shown = found[start : start + PER_PAGE]
    return Layout(
        categories=_category_tabs(items, of_state, choice),
        states=_state_tabs(of_category, choice),
        groups=_groups(found, shown),
        total=len(items),
        found=len(found),
        first=start + 1 if shown else 0,
        last=start + len(shown),
        before=replace(choice, page=page - 1).url if page > 1 else None,
        after=replace(choice, page=page + 1).url if page < pages else None,
    )


def _category_tabs(items: Sequence[Item], of_state: Sequence[Item], choice: Choice) -> tuple[Tab, ...]:
    """All, and every category of the list, the gravest first, even where the chosen state has none of it."""
    counts = _count(of_state, lambda item: item.category)
    there = {item.category for item in items}
    every = [None, *(category for category in CATEGORIES if category in there)]
    return tuple(
        Tab(
            category or "すべて",
            len(of_state) if category is None else counts[category],
            replace(choice, category=category, page=1).url,
            choice.category == category,
        )
        for category in every
    )


def _state_tabs(of_category: Sequence[Item], choice: Choice) -> tuple[Tab, ...]:
    counts = _count(of_category, lambda item: item.state)
    every: list[tuple[State | None, str]] = [(None, "すべて"), *STATE_LABELS.items()]
    return tuple(
        Tab(
            label,
            len(of_category) if state is None else counts[state],
            replace(choice, state=state, page=1).url,
            choice.state == state,
        )
        for state, label in every
    )


def _groups(found: Sequence[Item], shown: Sequence[Item]) -> tuple[Group, ...]:
    counts = _count(found, _heading)
    return tuple(Group(heading, counts[heading], tuple(members)) for heading, members in groupby(shown, key=_heading))


def _heading(item: Item) -> str:
    return "確かめを待つ速報" if item.unanswered else f"{item.category}の候補"


def _count(items: Iterable[Item], key: Callable[[Item], Key]) -> Counter[Key]:
    return Counter(key(item) for item in items)
