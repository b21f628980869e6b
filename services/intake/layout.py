"""Where rows of a CSV begin and end, found on the bytes themselves, so that line numbers are those of the file.

A row may hold line breaks inside quotes. A quote opens only at a field's start; text that breaks this is not `regular`,
and is read by the slow path.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NEWLINE, RETURN, QUOTE = 10, 13, 34
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Of a text that begins at a row's start.

    row_ends:    positions of the newlines that end a row
    first_lines: of each row, how many newlines lie before it
    delimiters:  of each row, how many it has outside quotes
    regular:     quotes stand only around whole fields
    closed:      no quote is left open at the end
    """

    row_ends: Positions
    first_lines: Positions
    delimiters: Positions
    regular: bool
    closed: bool

    @property
    def lengths(self) -> Positions:
        """Bytes of each row, its newline included."""
        return np.diff(self.row_ends, prepend=-1)


def layout_of(text: bytes, delimiter: str) -> Layout:
    """Lay out UTF-8 text whose line ends are newlines alone."""
    data = np.frombuffer(text, np.uint8)
    newlines = np.flatnonzero(data == NEWLINE)
    separators = np.flatnonzero(data == ord(delimiter))
    ends, regular, closed = newlines, True, True
    if b'"' in text:
        # How many quotes lie at or before each byte, modulo 2: 1 = inside. uint8 wraps at 256, which keeps the parity.
        inside = np.cumsum(data == QUOTE, dtype=np.uint8) & np.uint8(1)
        ends = newlines[inside[newlines] == 0]
        separators = separators[inside[separators] == 0]
        regular, closed = _regular(data, inside, delimiter), not inside[-1]
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    counts = np.diff(np.searchsorted(separators, ends), prepend=0)
    return Layout(ends, np.searchsorted(newlines, starts), counts, regular, closed)


def _regular(data: npt.NDArray[np.uint8], inside: npt.NDArray[np.uint8], delimiter: str) -> bool:
    """Whether every quote opens at a field's start and closes at its end, or is one of a pair that stands for itself."""
    quotes = np.flatnonzero(data == QUOTE)
    opening, closing = quotes[inside[quotes] == 1], quotes[inside[quotes] == 0]
    before = np.where(opening > 0, data[opening - 1], NEWLINE)
    after = np.where(closing + 1 < len(data), data[np.minimum(closing + 1, len(data) - 1)], NEWLINE)
    edges = np.array([ord(delimiter), NEWLINE, QUOTE], np.uint8)
    return bool(np.isin(before, edges).all() and np.isin(after, edges).all())
