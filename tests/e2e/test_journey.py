"""The whole way of the synthetic city, from feed files to the council's report, as an operator goes it."""

import csv
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.feeds import FEEDS
from services.platform.database import Database
from services.platform.settings import Settings
from tests.e2e.conftest import MakeHome
from tests.operating import Answer, Operator

pytestmark = pytest.mark.e2e

ENCODINGS = ("utf-8-sig", "cp932")


@dataclass(frozen=True)
class Journey:
    """What each command answered, by its first words, in the order of the way."""

    operator: Operator
    city: Path
    answers: dict[str, Answer]
    report: Path

    def document(self, name: str) -> Any:
        return self.answers[name].document


@pytest.fixture(scope="session")
def journey(make_home: MakeHome, synthetic_city: Path) -> Journey:
    """The demo's way, each command once."""
    operator = make_home()
    feeds, report = synthetic_city / "feeds", operator.home.parent / "report"
    answers = {
        "feed load": operator.run("feed", "load", feeds, "--profile", "demo", "--initial"),
        "feed check": operator.run("feed", "check", feeds, "--profile", "demo"),  # knows the full marks only now
        "link": operator.run("link", "--show", "--as", "auditor.pem"),
        "judge": operator.run("judge", "--as-of", "2026-08-31"),
        "publish": operator.run("publish"),
    }
    run = answers["judge"].document["run"]
    answers |= {
        "run show": operator.run("run", "show", run, "--judgements", "--as", "auditor.pem"),
        "queue list": operator.run("queue", "list", "--as", "caseworker.pem"),
        "quarantine list": operator.run("quarantine", "list", "--as", "auditor.pem"),
    }
    alert = answers["queue list"].document["items"][0]["alert"]
    answers |= {
        "queue show": operator.run("queue", "show", alert, "--as", "caseworker.pem"),
        "queue act": operator.run(
            "queue", "act", alert, "confirm", "--reason", "FACTS_CONFIRMED", "--as", "caseworker.pem"
        ),
        "report council": operator.run("report", "council", "--quarter", "FY2026Q2", "--out", report),
        "status": operator.run("status"),
    }
    return Journey(operator, synthetic_city, answers, report)


# At least these keys, as checks from outside read them.
KEYS = {
    "link": {"persons", "children", "links", "review", "unlinked", "crosswalk"},
    "judge": {
        "run", "as_of", "known_at", "seal", "rules", "status", "children", "categories", "missing_feeds", "root",
    },
    "run show": {"run", "manifest", "judgements"},
    "publish": {"published", "unchanged", "refused", "conditions"},
    "queue list": {"items"},
}  # fmt: skip
NESTED_KEYS = {
    ("feed load", "batches"): {
        "feed", "file", "rows", "loaded", "unchanged", "quarantined", "tombstones", "held", "seal",
    },
    ("link", "crosswalk"): {"system", "number", "child_id"},
    ("run show", "judgements"): {
        "child_id", "economic", "nurturing", "poverty", "t", "d1", "d2", "change", "learning", "scales", "absence",
        "noncognitive", "w", "raw_category", "category", "data_check", "reasons",
    },
    ("queue list", "items"): {"alert", "child_id", "category", "since", "state", "reasons", "decision", "entry"},
}  # fmt: skip


def test_documents_have_the_keys_that_checks_from_outside_read(journey: Journey) -> None:
    missing = {name: keys - set(journey.document(name)) for name, keys in KEYS.items()}
    missing |= {
        f"{name}.{part}": keys - set(element)
        for (name, part), keys in NESTED_KEYS.items()
        for element in journey.document(name)[part]
    }
    assert {name: keys for name, keys in missing.items() if keys} == {}


def test_every_command_prints_one_document_and_talks_to_standard_error_alone(journey: Journey) -> None:
    for answer in journey.answers.values():
        assert isinstance(answer.document, dict)
        assert answer.stdout.count("\n") == 1
    assert "住民" in journey.answers["feed load"].stderr  # progress
    assert "記録" in journey.answers["queue list"].stderr  # notice of the logged look


def test_the_city_arrives_in_the_queue(journey: Journey) -> None:
    judged, items = journey.document("judge"), journey.document("queue list")["items"]
    assert (judged["status"], judged["children"], judged["missing_feeds"]) == ("official", 120, [])
    assert sum(judged["categories"].values()) == judged["children"]
    assert items
    assert journey.document("publish")["published"] == len(items)
    assert {item["state"] for item in items} == {"new"}
    assert journey.document("queue act")["state"] == "confirmed"


def test_a_check_finds_what_the_load_refused_and_stores_nothing(journey: Journey) -> None:
    checked, loaded = journey.document("feed check")["batches"], journey.document("feed load")["batches"]
    assert [(b["file"], b["rows"], b["refusals"]) for b in checked] == [
        (b["file"], b["rows"], b["refusals"]) for b in loaded
    ]
    assert all(b["loaded"] == 0 and b["seal"] is None for b in checked)


def test_refused_rows_are_those_that_were_spoiled(journey: Journey) -> None:
    spoiled = [row for row in _truth(journey, "spoiled") if row["expected"] in ("quarantine", "unanswered")]
    refused = journey.document("quarantine list")["quarantine"]
    assert {(row["feed"], row["file"], int(row["line"])) for row in spoiled} == {
        (row["feed"], row["file"], row["line"]) for row in refused
    }
    assert all(row["mend"] for row in refused)


def test_every_source_is_a_line_that_names_the_child_or_its_household(journey: Journey) -> None:
    numbers = _numbers_by_child(journey)
    checked = 0
    for judgement in journey.document("run show")["judgements"]:
        for reason in judgement["reasons"]:
            for source in reason["sources"]:
                text = _record_at(journey.city / "feeds" / source["file"], source["line"])
                assert numbers[judgement["child_id"]] & set(text), (reason["code"], source)
                checked += 1
    assert checked > 100


def test_every_candidate_of_the_queue_has_reasons_that_lead_to_rows(journey: Journey) -> None:
    for item in journey.document("queue list")["items"]:
        assert item["reasons"]
        assert all(reason["text"] for reason in item["reasons"])
        assert any(reason["sources"] for reason in item["reasons"])


def test_the_report_is_a_page_and_tables(journey: Journey) -> None:
    files = [Path(name) for name in journey.document("report council")["files"]]
    assert {file.suffix for file in files} == {".html", ".csv"}
    assert all(file.parent == journey.report for file in files)
    # a first run has nothing to be compared with: of such a table the header stands alone
    assert all("," in file.read_text("utf-8-sig").split("\n", 1)[0] for file in files if file.suffix == ".csv")


def test_feeds_are_listed_with_a_schema_each(journey: Journey) -> None:
    listed = [feed["feed"] for feed in journey.operator.json("feed", "list")["feeds"]]
    assert listed == list(FEEDS)
    schema = journey.operator.json("feed", "schema", "resident")
    assert {"atena_no", "birth", "event_time"} <= set(schema["properties"])


def test_the_analyst_can_read_no_number_name_or_address(journey: Journey) -> None:
    readable = _all_that_a_role_reads(journey.operator, "analyst")
    assert len(readable["facts.resident"]) > 100  # it does read the facts
    assert len(readable["judgement.judgement"]) == 120
    texts = {table: "\n".join(rows) for table, rows in readable.items()}
    _finds_nothing(journey, texts)


def test_what_is_printed_or_written_beside_the_queue_names_nobody(journey: Journey) -> None:
    shows = {"queue show", "link"}  # a caseworker's look at a person; linkage's look at numbers
    texts = {name: answer.stdout for name, answer in journey.answers.items() if name not in shows}
    texts |= {f"{name} (stderr)": answer.stderr for name, answer in journey.answers.items()}
    home = journey.operator.home
    texts |= {str(path): path.read_text("utf-8", "replace") for path in home.rglob("*.log")}
    texts |= {str(path): path.read_text("utf-8") for path in journey.report.iterdir()}
    assert any(name.endswith("server.log") for name in texts)
    _finds_nothing(journey, texts)


def test_the_log_holds_nothing_personal(journey: Journey) -> None:
    readable = _all_that_a_role_reads(journey.operator, "council")
    entries = [bytes.fromhex(json.loads(row)["leaf"][2:]).decode() for row in readable["ledger.entry"]]
    assert len(entries) == journey.document("status")["entries"]
    _finds_nothing(journey, {"ledger.entry": "\n".join(entries)})


def _truth(journey: Journey, name: str) -> list[dict[str, str]]:
    with (journey.city / "truth" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _text_of(path: Path) -> str:
    for encoding in ENCODINGS:
        try:
            return path.read_text(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError(path)


def _record_at(path: Path, line: int) -> list[str]:
    """The fields of the record that begins on this line."""
    lines = _text_of(path).splitlines(keepends=True)[line - 1 :]
    delimiter = "\t" if path.suffix == ".tsv" else ","
    return [field.strip() for field in next(csv.reader(lines, delimiter=delimiter))]


def _numbers_by_child(journey: Journey) -> dict[str, set[str]]:
    """child_id → every number by which a row may name the child, its household or a member of it, as files write them."""
    truth = _truth(journey, "children")
    by_number = {row["atena_no"]: row for row in truth}
    residents = _columns(journey.city / "feeds" / "juki_kojin.csv", "宛名番号", "世帯番号")
    household: dict[str, set[str]] = defaultdict(set)
    for atena, setai in residents:
        household[setai] |= {atena, setai}
    found: dict[str, set[str]] = defaultdict(set)
    for row in journey.document("link")["crosswalk"]:
        found[row["child_id"]].add(row["number"])
        if row["number"] in by_number:
            found[row["child_id"]] |= household[by_number[row["number"]]["setai_no"]]
    return {child: {form for number in numbers for form in _forms(number)} for child, numbers in found.items()}


def _forms(number: str) -> set[str]:
    """A number as files may write it: zeros lost, full-width."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    return {number, number.lstrip("0"), number.translate(wide), number.lstrip("0").translate(wide)}


def _columns(path: Path, *names: str) -> list[tuple[str, ...]]:
    rows = csv.DictReader(_text_of(path).splitlines(keepends=True))
    return [tuple(row[name] for name in names) for row in rows]


def _all_that_a_role_reads(operator: Operator, role: str) -> dict[str, list[str]]:
    """Every table and view on which the role has any right to read, column by column, as JSON rows."""
    database = Database.open(Settings.from_environment(operator.environ))
    found = {}
    with database.connect(role) as conn:
        columns = conn.execute(
            "SELECT format('%I.%I', table_schema, table_name), array_agg(quote_ident(column_name)::text)"
            " FROM information_schema.columns"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
            " AND has_column_privilege(format('%I.%I', table_schema, table_name), column_name, 'SELECT')"
            " AND has_schema_privilege(table_schema, 'USAGE') GROUP BY 1"
        ).fetchall()
        for table, names in columns:
            query = f"SELECT row_to_json(whole)::text FROM (SELECT {', '.join(names)} FROM {table}) AS whole"
            found[table] = [row[0] for row in conn.execute(query.encode())]
    return found


# Random keys, hashes and UUIDs: eight digits of a number may stand in one by chance.
RANDOM = re.compile(r"\b(\d{15,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,})\b")


def _finds_nothing(journey: Journey, texts: dict[str, str]) -> None:
    """No number, name, kana or address of the feed files stands in any of the texts."""
    feeds = journey.city / "feeds"
    residents = _columns(feeds / "juki_kojin.csv", "宛名番号", "世帯番号", "氏名", "氏名カナ", "住所")
    pupils = [(row["pupil_no"], row["sourced_id"], row["uuid"]) for row in _truth(journey, "children")]
    words = {word for row in [*residents, *pupils] for word in row if len(word) > 3}
    assert len(words) > 500
    bare = {place: RANDOM.sub(" ", text) for place, text in texts.items()}
    found = {(place, word) for place in texts for word in words if word in (bare if word.isdecimal() else texts)[place]}
    assert found == set()
