"""Tables with a cell too few or a row too many."""

from collections.abc import Iterator, Sequence

from schemas.rules.lint.finding import Document, Finding, table_at
from schemas.rules.names import ACTS, CATEGORIES, ECONOMIC, NURTURING, POVERTY, RANKS

GRIDS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "poverty": (ECONOMIC, NURTURING),
    "w": (RANKS, RANKS),
    "matrix": (POVERTY, RANKS),
}
WATCHED = "見守りⅡ"  # a category that an override raises to has to be at least this high


def check_tables(document: Document) -> Iterator[Finding]:
    """Every cell of every table is there; lists name what exists, once."""
    for name, (rows, columns) in GRIDS.items():
        yield from _grid(document, name, rows, columns)
    if "heights" in document:
        yield from _keys(document, "heights", CATEGORIES)
    yield from _queue(document)
    yield from _lists(document)
    yield from _override(document)


def _grid(document: Document, name: str, rows: Sequence[str], columns: Sequence[str]) -> Iterator[Finding]:
    """A table that is absent as a whole is the schema's finding; each row or cell that is absent is one here."""
    table = table_at(document, name)
    for row in rows if table else ():
        if row not in table:
            yield Finding(
                f"{name}.{row}", "ROW_MISSING", "行がありません", f"{'・'.join(columns)} の欄を書いてください"
            )
            continue
        cells = table_at(document, f"{name}.{row}")
        for column in columns:
            if column not in cells:
                where = f"{name}.{row}.{column}"
                yield Finding(where, "CELL_MISSING", "欄が空いています", "この組み合わせの結果を書いてください")


def _keys(document: Document, name: str, keys: Sequence[str]) -> Iterator[Finding]:
    table = table_at(document, name)
    for key in keys:
        if key not in table:
            yield Finding(f"{name}.{key}", "CELL_MISSING", "ありません", "値を書いてください")


def _queue(document: Document) -> Iterator[Finding]:
    queue = table_at(document, "queue")
    for act in ACTS if queue else ():
        if not table_at(document, f"queue.{act}"):
            yield Finding(f"queue.{act}", "REASONS_MISSING", "理由コードがありません", "一つ以上書いてください")


def _lists(document: Document) -> Iterator[Finding]:
    """A category or rank named twice is an overlap; a guard or calibration over nothing never acts."""
    for where in ("guard.categories", "calibration.ranks", "data_check"):
        table, _, name = where.rpartition(".")
        listed = (table_at(document, table) if table else document).get(name)
        if not isinstance(listed, list | tuple):
            continue
        for twice in sorted({each for each in listed if isinstance(each, str) and listed.count(each) > 1}):
            yield Finding(where, "NAMED_TWICE", f"{twice} が重なっています", "一つにしてください")
        if not listed and where != "data_check":
            yield Finding(where, "LIST_EMPTY", "空です", "対象を一つ以上書いてください")


def _override(document: Document) -> Iterator[Finding]:
    heights = table_at(document, "heights")
    least, watched = heights.get(str(table_at(document, "override").get("at_least"))), heights.get(WATCHED)
    if isinstance(least, int) and isinstance(watched, int) and least < watched:
        yield Finding(
            "override.at_least", "OVERRIDE_TOO_LOW", "見守りに届かない区分です", f"{WATCHED} 以上の区分にしてください"
        )
