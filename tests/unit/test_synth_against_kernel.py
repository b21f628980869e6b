"""The synthetic city's own count of ranks and the judgement kernel, written apart, agree child by child."""

from datetime import date

import polars as pl
import pytest

from models.judgement.facts import SCHEMAS, Facts
from models.judgement.kernel import judge
from schemas.rules.load import load_default
from services.synth.city import City, make_city

DAYS = (
    date(2026, 8, 31),
    date(2025, 1, 31),
    date(2024, 5, 20),
)  # of the last, the year's results are not delivered yet
NUMBERS = {
    "atena_no": "person", "child_atena_no": "child", "mother_atena_no": "mother", "guardian_atena_no": "guardian",
    "recipient_atena_no": "recipient", "member_atena_no": "member", "setai_no": "setai",
}  # fmt: skip
PERIODS = {
    "shugaku_enjo": {"from": "from_date", "to": "to_date"},
    "edu_support": {"from": "from_date", "to": "to_date"},
    "hoiku": {"from": "from_date", "to": "to_date"},
    "seikatsu_hogo": {"start": "start_date", "end": "end_date"},
    "jido_fuyo_teate": {"from": "from_month", "to": "to_month"},
}
UNITS = {"dev": 10, "total_dev": 10, "raw": 10**6, "score": 10**6, "mean": 10**6, "sd": 10**6}
SHEET = ["person", "survey_id", "form_version", "key_version", "fy", "date", "event_time"]


@pytest.fixture(scope="module", params=DAYS, ids=str)
def judged(request: pytest.FixtureRequest) -> pl.DataFrame:
    return compare(make_city(children=1200, until=request.param, seed=5, progress=lambda step: None))


def compare(city: City) -> pl.DataFrame:
    """Children present, the kernel's judgements beside the city's own (suffix _own)."""
    results = judge(Facts(kernel_frames(city)), as_of=city.until, rules=load_default(), history=()).judgements
    own = city.children.filter("present").with_columns(person=pl.col("atena_no").cast(pl.Int64))
    return own.join(results, on="person", how="full", suffix="_kernel", coalesce=True)


def kernel_frames(city: City) -> dict[str, pl.DataFrame]:
    """The facts as the judgement service would hand them over once every mapped number is linked."""
    mapped = city.children.filter(pl.col("mapped").fill_null(False))
    pupils = mapped.select("pupil_no", pupil=pl.col("atena_no").cast(pl.Int64))
    parts: dict[str, list[pl.DataFrame]] = {}
    for batch, ((feed, _), frame) in enumerate(sorted(city.facts.items())):
        if feed in SCHEMAS:
            parts.setdefault(feed, []).append(_kernel_frame(feed, frame, pupils, batch))
    return {feed: pl.concat(frames) for feed, frames in parts.items()}


def _kernel_frame(feed: str, frame: pl.DataFrame, pupils: pl.DataFrame, batch: int) -> pl.DataFrame:
    schema = SCHEMAS[feed]
    if "pupil_no" in frame.columns:
        frame = frame.join(pupils, on="pupil_no", how="left", maintain_order="left").rename({"pupil": "pupil_key"})
    if "atena_no" in frame.columns and "pupil_no" in frame.columns:
        frame = frame.with_columns(person=pl.coalesce("pupil_key", pl.col("atena_no").cast(pl.Int64))).drop("atena_no")
    elif "pupil_no" in frame.columns:
        frame = frame.with_columns(person="pupil_key")
    if "pupil_no" in frame.columns:
        frame = frame.drop_nulls("person")
    frame = frame.rename(PERIODS.get(feed, {})).rename({k: v for k, v in NUMBERS.items() if k in frame.columns})
    if feed == "life_answer":
        frame = frame.unpivot(index=SHEET, on=[c for c in frame.columns if c[0] in "AB"], variable_name="item_code")
        frame = frame.rename({"value": "answer"})
    if feed == "seikatsu_hogo":
        frame = frame.with_columns(case=pl.col("case_no").str.slice(1))
    if feed == "resident":
        frame = frame.with_columns(effective_from="ido_date")
    if "subject" in frame.columns:
        frame = frame.with_columns(pl.col("subject").replace("数学", "算数"))
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    if "event_time" in frame.columns:
        frame = frame.with_columns(
            source=(batch << 32) + row,
            tie=row,
            event_day=pl.col("event_time").dt.date(),
            known_at=pl.col("event_time").dt.replace_time_zone("UTC"),
        )
    scaled = [(pl.col(c) * UNITS[c]).round().alias(c) for c in frame.columns if c in UNITS and c in schema]
    frame = frame.with_columns(scaled)
    absent = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    return frame.with_columns(absent).select(pl.col(name).cast(kind) for name, kind in schema.items())


def test_the_same_children_are_in_scope(judged: pl.DataFrame) -> None:
    assert judged.height == 1200
    assert judged.select("economic", "economic_kernel").null_count().row(0) == (0, 0)


@pytest.mark.parametrize("rank", ["economic", "nurturing", "poverty", "learning", "noncognitive", "w"])
def test_ranks_agree(judged: pl.DataFrame, rank: str) -> None:
    differing = judged.filter(pl.col(rank).ne_missing(pl.col(f"{rank}_kernel")))
    assert differing.select("person", rank, f"{rank}_kernel").rows() == []


def test_categories_agree(judged: pl.DataFrame) -> None:
    differing = judged.filter(pl.col("category").ne_missing(pl.col("category_kernel")))
    assert differing.select("person", "category", "category_kernel").rows() == []
