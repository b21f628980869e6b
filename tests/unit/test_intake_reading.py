"""Files as bytes: rows with the lines they begin on, and clear words for files that cannot be read."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake import source
from services.intake.errors import FileRefusedError
from services.intake.reading import FAULT, LINE, open_table

Rows = list[tuple[int, tuple[str | None, ...], str | None]]


def read(path: Path, encoding: str = "utf-8") -> Rows:
    """(line, fields, fault) of every row."""
    with open_table(path, encoding=encoding, delimiter=",") as table:
        return [
            (row[LINE], tuple(row[name] for name in table.header), row[FAULT])
            for block in table.blocks
            for row in block.iter_rows(named=True)
        ]


def written(folder: Path, content: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_row_is_named_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    path = written(tmp_path, b'a,b\r\n1,"x\r\ny"\r\n2,\r\n\r\n3,"q""q"\r\n4')
    assert read(path) == [
        (2, ("1", "x\ny"), None),
        (4, ("2", None), None),
        (6, ("3", 'q"q'), None),
        (7, (None, None), "COLUMNS"),
    ]


@pytest.mark.parametrize("chunk", [5, 16, 1 << 20])
@settings(max_examples=40)
@given(
    rows=st.lists(
        st.tuples(*[st.text(st.sampled_from('ab,"\n髙 '), max_size=6)] * 3).filter(lambda row: any(row)), max_size=8
    ),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_blocks_of_any_size_give_what_the_csv_module_reads(
    tmp_path_factory: pytest.TempPathFactory, chunk: int, rows: list[tuple[str, str, str]], quoting: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=quoting)  # type: ignore[arg-type]  # one of csv.QUOTE_*
    writer.writerow(("a", "b", "c"))
    wanted: Rows = []
    for row in rows:
        wanted.append((1 + text.getvalue().count("\n"), tuple(field or None for field in row), None))
        writer.writerow(row)
    path = written(tmp_path_factory.mktemp("csv"), text.getvalue().encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "CHUNK", chunk)
        assert read(path) == wanted


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("a,b\n髙①㈱,2\n".encode("cp932"), "cp932"),
        ("\ufeffa,b\n髙①㈱,2\n".encode(), "utf-8"),
        ("\ufeffa,b\n髙①㈱,2\n".encode(), "cp932"),  # the mark says more than the profile
        ("a,b\n髙①㈱,2\n".encode(), "utf-8-sig"),
    ],
)
def test_vendor_characters_and_byte_order_marks_are_read(tmp_path: Path, content: bytes, encoding: str) -> None:
    assert read(written(tmp_path, content), encoding) == [(2, ("髙①㈱", "2"), None)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY"),
        ("a,b\n1,髙\n".encode("cp932"), "ENCODING"),
        (b"a,b\n1,\x00\n", "BINARY"),
        (b"PK\x03\x04\x00\x00", "BINARY"),
        (b'a,b\n1,"2\n3,4\n', "QUOTE"),
        (b"a,b\n1," + b"z" * (2 << 20), "LONG_LINE"),
        (b"a,b\n1," + b"z" * (2 << 20) + b"\n3,4\n", "LONG_LINE"),
        (b"a,a\n1,2\n", "HEADER"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read(written(tmp_path, content))
    assert refused.value.code == code
    assert str(refused.value).startswith("a.csv: ")


def test_a_line_without_end_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n" + b"1" * (5 << 20))
        file.truncate(2 << 30)
    with pytest.raises(FileRefusedError) as refused:
        read(path)
    assert refused.value.code == "LONG_LINE"


def zipped(folder: Path, **files: bytes) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_zip_holds_one_file(tmp_path: Path) -> None:
    assert read(zipped(tmp_path, a=b"a,b\n1,2\n")) == [(2, ("1", "2"), None)]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (lambda folder: zipped(folder, a=b"a\n", b=b"b\n"), "ZIP"),
        (lambda folder: zipped(folder, a=b"a,b\n" + b"0,0\n" * (1 << 18)), "ZIP_BOMB"),
        (lambda folder: written(folder, b"no archive", "a.zip"), "ZIP"),
    ],
)
def test_a_bad_zip_says_why(
    tmp_path: Path, path: Callable[[Path], Path], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "FREE", 1 << 16)
    with pytest.raises(FileRefusedError) as refused:
        read(path(tmp_path))
    assert refused.value.code == code
