"""The report's folder: whole or not there, whenever the process is killed."""

from pathlib import Path

import pytest

from schemas.errors import MimamoriError, UsageError
from services.council.folder import SUMS, new_report, put_in_place, seal_folder


def _make(out: Path, text: str) -> None:
    with new_report(out) as folder:
        (folder / "report.html").write_text(text, "utf-8")
        seal_folder(folder)
        put_in_place(folder, out)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_report_replaces_an_earlier_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "new" / "report"
    _make(out, "old")
    _make(out, "new")
    assert (out / "report.html").read_text("utf-8") == "new"
    assert _names(out) == {"report.html", SUMS}
    assert _names(out.parent) == {"report"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    _make(out, "new")
    assert _names(out) == {"report.html", SUMS}


@pytest.mark.parametrize("name", ["notes.txt", "report.html"])
def test_a_folder_with_somebodys_files_is_left_alone(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="ほかのファイル"):
        _make(out, "new")
    assert (out / name).read_text("utf-8") == "mine"
    assert _names(tmp_path) == {"out"}


def test_a_note_laid_into_a_report_is_not_thrown_away(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _make(out, "old")
    (out / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="ほかのファイル"):
        _make(out, "new")
    assert (out / "report.html").read_text("utf-8") == "old"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="フォルダーではありません"):
        _make(tmp_path / "out", "new")


def test_a_place_that_cannot_be_written_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(MimamoriError, match="報告を書けません"):
        _make(tmp_path / "file" / "out", "new")


def test_after_an_error_the_old_report_stands(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _make(out, "old")
    with pytest.raises(ZeroDivisionError), new_report(out) as folder:
        (folder / "report.html").write_text("half", "utf-8")
        raise ZeroDivisionError
    assert (out / "report.html").read_text("utf-8") == "old"
    assert _names(tmp_path) == {"out"}


def test_after_a_kill_between_the_renames_the_old_report_is_put_back(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _make(out, "old")
    out.rename(tmp_path / ".out.replaced")  # where the kill left it
    (tmp_path / ".out.unfinished").mkdir()
    (tmp_path / ".out.unfinished" / "report.html").write_text("new", "utf-8")
    with new_report(out) as folder:
        assert (out / "report.html").read_text("utf-8") == "old"
        assert list(folder.iterdir()) == []
    assert _names(tmp_path) == {"out"}


def test_after_a_kill_behind_the_renames_the_new_report_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _make(out, "old")
    out.rename(tmp_path / ".out.replaced")
    _make(out, "new")  # puts the old one back first, and replaces it
    out_again = tmp_path / ".out.replaced"
    out_again.mkdir()
    (out_again / "report.html").write_text("old", "utf-8")
    with new_report(out):
        assert (out / "report.html").read_text("utf-8") == "new"
    assert _names(tmp_path) == {"out"}


def test_the_list_of_digests_is_one_that_sha256sum_reads(tmp_path: Path) -> None:
    _make(tmp_path / "out", "abc")
    assert (tmp_path / "out" / SUMS).read_text("utf-8") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  report.html\n"
    )
