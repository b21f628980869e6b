"""Work ahead: one thread prepares the next items while the caller still stores the last."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")
DEPTH = 2  # items that wait at most, so that memory stays bounded


def ahead(make: Callable[[Given], Made], items: Iterable[Given]) -> Iterator[Made]:
    """`make` of each item, in order; items are drawn and made by one thread, DEPTH before they are asked for.

    An error of either comes to the caller at its place. Leaving early waits for what is being made and drops it.
    """
    source = iter(items)
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting: list[Future[list[Made]]] = []

        def draw() -> list[Made]:
            for item in source:
                return [make(item)]
            return []

        for _ in range(DEPTH):
            waiting.append(pool.submit(draw))
        while made := waiting.pop(0).result():
            waiting.append(pool.submit(draw))
            yield made[0]
