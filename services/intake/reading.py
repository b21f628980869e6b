"""Read a CSV file as blocks of text columns with the line on which each row begins; memory is bounded by the block."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from services.intake.errors import FileRefusedError
from services.intake.layout import Layout, layout_of
from services.intake.source import chunks_of

LONGEST_ROW = 1 << 20  # bytes
LINE, FAULT = (
    "_line",
    "_fault",
)  # beside the file's own columns: line of the row's start (header = 1), rule that it breaks
BOM = "\ufeff"


@dataclass(frozen=True)
class Table:
    """An opened file: its header, and its rows in blocks. Blocks can be read once."""

    header: tuple[str, ...]
    blocks: Iterator[pl.DataFrame]


@contextmanager
def open_table(path: Path, *, encoding: str, delimiter: str) -> Iterator[Table]:
    """Open `path`. Blocks have LINE, FAULT and the header's columns as text, an empty field being null."""
    with chunks_of(path) as chunks:
        pieces = _whole_rows(_text(chunks, encoding, path.name), delimiter, path.name)
        first = next(pieces, None)
        if first is None:
            raise FileRefusedError(
                "EMPTY", path.name, "空のファイルです。該当がないときは、見出しの行だけのファイルを渡してください。"
            )
        header, first = _take_header(first, delimiter, path.name)
        yield Table(header, _frames(first, pieces, header, delimiter))


@dataclass(frozen=True)
class _Piece:
    """Whole rows. line: of the first of them."""

    text: bytes
    layout: Layout
    line: int


def _text(chunks: Iterator[bytes], encoding: str, file: str) -> Iterator[bytes]:
    """The same text in UTF-8 without mark, its line ends newlines alone."""
    decoder: codecs.IncrementalDecoder | None = None
    lines, pending = 0, ""
    for chunk in chunks:
        if decoder is None:
            encoding = "utf-8" if chunk.startswith(codecs.BOM_UTF8) else encoding
            decoder = codecs.getincrementaldecoder(encoding)("strict")
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
        _refuse_binary(chunk, file)
        text = pending + _decode(decoder, chunk, lines, encoding, file)
        pending = "\r" if text.endswith("\r") else ""
        whole = text.removesuffix("\r") if pending else text
        lines += whole.count("\n")
        yield whole.replace("\r\n", "\n").encode()
    if decoder is not None:
        yield (pending + _decode(decoder, b"", lines, encoding, file, final=True)).encode()


def _refuse_binary(chunk: bytes, file: str) -> None:
    if b"\0" in chunk or b"\x1f" in chunk:
        raise FileRefusedError(
            "BINARY", file, "文字以外のデータが含まれています。表計算ソフトのファイルではなく、CSV で出力してください。"
        )


def _decode(
    decoder: codecs.IncrementalDecoder, chunk: bytes, lines: int, encoding: str, file: str, *, final: bool = False
) -> str:
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        line = 1 + lines + error.object.count(b"\n", 0, error.start)
        raise FileRefusedError(
            "ENCODING",
            file,
            f"{line}行目が {encoding} として読めません。文字コードを確かめ、プロファイルの encoding を合わせてください。",
        ) from error


def _whole_rows(texts: Iterator[bytes], delimiter: str, file: str) -> Iterator[_Piece]:
    """Cut the text after the last whole row of each chunk."""
    rest, line = b"", 1
    for text in texts:
        data = rest + text
        layout = layout_of(data, delimiter)
        _refuse_long(layout, data, line, file)
        cut = int(layout.row_ends[-1]) + 1 if len(layout.row_ends) else 0
        if cut:
            yield _Piece(data[:cut], layout, line)
            line += data.count(b"\n", 0, cut)
        rest = data[cut:]
    if rest:
        layout = layout_of(rest + b"\n", delimiter)
        if not layout.closed:
            raise FileRefusedError(
                "QUOTE", file, f"{line}行目から始まる引用符が閉じていません。その行を直してください。"
            )
        yield _Piece(rest + b"\n", layout, line)


def _refuse_long(layout: Layout, data: bytes, line: int, file: str) -> None:
    long = np.flatnonzero(layout.lengths > LONGEST_ROW)
    open_end = len(data) - (int(layout.row_ends[-1]) + 1 if len(layout.row_ends) else 0) > LONGEST_ROW
    if not len(long) and not open_end:
        return
    row = int(long[0]) if len(long) else len(layout.row_ends)
    before = int(layout.first_lines[row]) if row < len(layout.first_lines) else data.count(b"\n", 0, _end(layout))
    raise FileRefusedError(
        "LONG_LINE", file, f"{line + before}行目が長すぎます（1 MiB まで）。改行や引用符の閉じ忘れを確かめてください。"
    )


def _end(layout: Layout) -> int:
    return int(layout.row_ends[-1]) + 1 if len(layout.row_ends) else 0


def _take_header(piece: _Piece, delimiter: str, file: str) -> tuple[tuple[str, ...], _Piece]:
    """The names of the first row, and the piece without it."""
    end = int(piece.layout.row_ends[0]) + 1
    text = piece.text[:end].decode().removeprefix(BOM)
    names = tuple(name.strip() for name in next(csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter), []))
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice or not names:
        raise FileRefusedError("HEADER", file, f"見出しに同じ列名、または空の列名が複数あります: {'、'.join(twice)}")
    rest = piece.text[end:]
    return names, _Piece(rest, layout_of(rest, delimiter), piece.line + text.count("\n"))


def _frames(first: _Piece, others: Iterator[_Piece], header: tuple[str, ...], delimiter: str) -> Iterator[pl.DataFrame]:
    if first.text:
        yield _frame(first, header, delimiter)
    for piece in others:
        yield _frame(piece, header, delimiter)


def _frame(piece: _Piece, header: tuple[str, ...], delimiter: str) -> pl.DataFrame:
    """Fast where every row has the header's number of fields and quotes are regular, else row by row."""
    layout = piece.layout
    if layout.regular and bool((layout.delimiters == len(header) - 1).all()) and layout.lengths.min() > 1:
        frame = pl.read_csv(
            piece.text,
            has_header=False,
            schema=dict.fromkeys(header, pl.String()),
            separator=delimiter,
            quote_char='"' if b'"' in piece.text else None,
        )
        if frame.height == len(layout.row_ends):
            lines = pl.Series(LINE, layout.first_lines + piece.line, pl.Int32())
            return _without_empty(frame, header).with_columns(lines, pl.lit(None, pl.String()).alias(FAULT))
    return _row_by_row(piece, header, delimiter)


def _without_empty(frame: pl.DataFrame, header: tuple[str, ...]) -> pl.DataFrame:
    """A quoted empty field is as empty as a bare one."""
    return frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)) for name in header)


def _row_by_row(piece: _Piece, header: tuple[str, ...], delimiter: str) -> pl.DataFrame:
    """For text with ragged rows, blank lines or quotes inside fields: blank lines are passed over, ragged rows are a fault."""
    csv.field_size_limit(LONGEST_ROW)
    reader = csv.reader(io.StringIO(piece.text.decode(), newline="\n"), delimiter=delimiter)
    rows: list[tuple[str | None, ...]] = []
    lines: list[int] = []
    faults: list[str | None] = []
    begin = piece.line
    while True:
        try:
            row = next(reader, None)
        except csv.Error:  # a bare carriage return inside a field
            row = ["", ""] if len(header) != 2 else [""]
        if row is None:
            break
        if row:
            ragged = len(row) != len(header)
            rows.append((None,) * len(header) if ragged else tuple(text or None for text in row))
            lines.append(begin)
            faults.append("COLUMNS" if ragged else None)
        begin = piece.line + reader.line_num
    frame = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String()), orient="row")
    return frame.with_columns(pl.Series(LINE, lines, pl.Int32()), pl.Series(FAULT, faults, pl.String()))
