"""Make a synthetic city on disk: all of it, or nothing."""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from schemas.errors import UsageError
from schemas.feeds.profile import Profile, packaged_profile
from services.synth.city import City, make_city
from services.synth.report import readme
from services.synth.spoil import TABLE, spoil
from services.synth.vendors import encoded, vendor_file

PROFILE = "demo"
MARKER = ".synthetic-city"  # in a folder that this module made, and may replace
FEWEST, MOST = 50, 300_000  # children
EARLIEST, LATEST = date(2016, 6, 30), date(2098, 12, 31)  # last day: two school years on record at least
REFERENCE_FILES = ("instrument_key", "instrument_norm", "survey_max")


@dataclass(frozen=True)
class Summary:
    """What was made. rows: lines of all feed files without headers; facts: without reference files and repeated rows;
    digest: SHA-256 over the names and bytes of everything written."""

    children: int
    files: int
    rows: int
    facts: int
    spoiled: int
    digest: str


def generate(
    out: Path, *, children: int, until: date, seed: int, progress: Callable[[str], None] | None = None
) -> Summary:
    """Write feeds/, truth/ and README.md of a city of `children` children at the end of `until` into `out`.

    out: new, empty, or the output of an earlier call, which is replaced
    progress: called with the name of each step
    """
    _check(out, children, until, seed)
    tell = progress or (lambda step: None)
    unfinished = out.parent / f".{out.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)  # left by a run that was killed
    (unfinished / "feeds").mkdir(parents=True)
    (unfinished / "truth").mkdir()
    city = make_city(children=children, until=until, seed=seed, progress=tell)
    tell("ファイル")
    summary = _write(city, unfinished, children, seed)
    _put_in_place(unfinished, out)
    return summary


def _check(out: Path, children: int, until: date, seed: int) -> None:
    if not FEWEST <= children <= MOST:
        raise UsageError(f"--children は {FEWEST} から {MOST:,} までです。")
    if not EARLIEST <= until <= LATEST:
        raise UsageError(f"--until は {EARLIEST} から {LATEST} までの日付です。")
    if seed < 0:
        raise UsageError("--seed は 0 以上の整数です。")
    if out.exists() and not out.is_dir():
        raise UsageError("出力先はフォルダではありません。別の場所を --out に指定してください。")
    if out.is_dir() and any(out.iterdir()) and not (out / MARKER).is_file():
        raise UsageError(
            "出力先は空でなく、合成データのフォルダでもありません。空のフォルダを --out に指定してください。"
        )


def _write(city: City, folder: Path, children: int, seed: int) -> Summary:
    profile = packaged_profile(PROFILE)
    if profile is None:
        raise FileNotFoundError(f"packaged profile {PROFILE}")
    lists = [pl.DataFrame(schema=TABLE)]
    rows = facts = 0
    for (feed, part), frame in sorted(city.facts.items(), key=lambda entry: entry[0]):
        written, spoiled = _write_feed(folder / "feeds", feed, part, frame, profile, seed)
        rows += written
        facts += 0 if feed in REFERENCE_FILES else frame.height
        lists.append(spoiled)
    spoiled_rows = pl.concat(lists)
    spoiled_rows.write_csv(folder / "truth" / "spoiled.csv")
    city.children.write_csv(folder / "truth" / "children.csv")
    text = readme(
        city, children=children, seed=seed, files=len(city.facts), rows=rows, facts=facts, spoiled=spoiled_rows.height
    )
    (folder / "README.md").write_text(text, "utf-8")
    digest = _digest(folder)
    (folder / MARKER).write_text(digest + "\n", "utf-8")
    return Summary(children, len(city.facts), rows, facts, spoiled_rows.height, digest)


def _write_feed(
    folder: Path, feed: str, part: str, frame: pl.DataFrame, profile: Profile, seed: int
) -> tuple[int, pl.DataFrame]:
    """Write one feed file; how many rows it has, and which are spoiled."""
    file, spoiled = spoil(vendor_file(feed, part, frame, profile), part, seed)
    (folder / file.name).write_bytes(encoded(file))
    return file.table.height, spoiled


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _put_in_place(finished: Path, out: Path) -> None:
    """Rename, the earlier output first; a kill between the two leaves both whole, beside the target."""
    replaced = out.parent / f".{out.name}.replaced"
    shutil.rmtree(replaced, ignore_errors=True)
    if out.is_dir() and any(out.iterdir()):
        os.replace(out, replaced)
    os.replace(finished, out)
    shutil.rmtree(replaced, ignore_errors=True)
