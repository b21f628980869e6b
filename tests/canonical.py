"""Hand-written canonical folders: rows with what every row has, and a small town for tests that need alerts."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, str]

COMMON = {
    "source_system": "sys",
    "op": "I",
    "event_time": "2026-06-10T09:00:00+09:00",
    "effective_from": "2020-04-01",
    "legal_basis_id": "LB1",
    "batch_id": "B1",
}


def write_feed(folder: Path, feed: str, rows: Sequence[Row], *, encoding: str = "utf-8") -> Path:
    """Write FEED.csv with the common columns; a row's source_record_id is its place, unless it says so itself."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = [{"source_record_id": f"{feed}-{place}", **COMMON, **row} for place, row in enumerate(rows, 1)]
    names = list(dict.fromkeys(name for row in whole for name in row))
    path = folder / f"{feed}.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(whole)
    return path


def resident(number: int, **changes: str) -> Row:
    """A child born in June 2014 (P6 in fiscal 2026), alone in a household of its own."""
    return {
        "atena_no": f"{number:010d}",
        "rireki_no": "1",
        "setai_no": f"{900_000_000 + number}",
        "name_kanji": f"見守 児童{number}",
        "name_kana": f"ミマモリ ジドウ{number}",
        "kana_confirmed": "true",
        "birth": "2014-06-01",
        "lg_code": "272205",
        "addr_joined": f"見守市若葉町{number}番地",
        "zokugara": "子",
        "jumin_shubetsu": "日本人",
        "status": "住民",
        "ido_jiyu": "転入",
        "ido_date": "2020-04-01",
        **changes,
    }


def crosswalk(number: int) -> Row:
    """That the child's 宛名番号 and 児童生徒番号 are one child's."""
    return {
        "sourced_id": f"S{number:06d}",
        "uuid": f"00000000-0000-4000-8000-{number:012d}",
        "atena_no": f"{number:010d}",
        "pupil_no": f"P{number:06d}",
        "verified_by": "学務課",
    }


def score(number: int, subject: str, dev: str) -> Row:
    """One subject of the survey of May 2026."""
    return {
        "pupil_no": f"P{number:06d}",
        "survey_id": "STEP",
        "fy": "2026",
        "date": "2026-05-11",
        "grade": "P6",
        "subject": subject,
        "dev": dev,
        "absent": "false",
    }


def protection(number: int, kind: str = "要保護") -> Row:
    """One registration with the 要対協, open since May 2026."""
    return {
        "case_no": f"C{number:05d}",
        "child_atena_no": f"{number:010d}",
        "kind": kind,
        "received": "2026-05-20",
        "status": "継続",
        "office": "子ども家庭課",
    }


def write_town(folder: Path, *, children: int = 40, recorded: str = COMMON["event_time"]) -> Path:
    """A town of which nobody's income is known: everybody is 要データ確認, but one who is 重点支援 by 要保護.

    recorded: event_time of every row; of an early one the later feeds (survey and 要対協 of May 2026) are left out
    """
    numbers = range(1, children + 1)
    when = {"event_time": recorded}
    write_feed(folder, "resident", [{**resident(n), **when} for n in numbers])
    write_feed(folder, "oneroster_map", [{**crosswalk(n), **when} for n in numbers])
    if recorded >= "2026-05-20":
        write_feed(
            folder, "academic", [{**score(n, subject, "52.0"), **when} for n in numbers for subject in ("国", "算数")]
        )
        write_feed(folder, "soudan", [{**protection(1), **when}])
    return folder
