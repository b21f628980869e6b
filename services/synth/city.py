"""The whole city in memory: its people and years, every fact that an office holds, and the truth about each child."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from services.synth.attendance import Attendance, absent_days, attendance_feed, make_attendance
from services.synth.chance import day_number, stream
from services.synth.checkups import health_check_feed
from services.synth.childcare import hoiku_feed, jido_teate_feed
from services.synth.economy_count import economic_levels, nurturing_levels
from services.synth.families import Town, make_town
from services.synth.feelings import (
    FORMS,
    instrument_key,
    instrument_norm,
    life_answer_feed,
    life_scale_feed,
    make_answers,
    physical_feed,
)
from services.synth.hardship import make_hardship
from services.synth.learning import academic_feed, kokugo_gaps, make_scores, survey_max
from services.synth.legal import legal_basis_feed
from services.synth.nurturing import boshi_feed, soudan_feed
from services.synth.persons import make_persons
from services.synth.places import draw_addresses, make_schools
from services.synth.pupils import Taught, make_taught, make_traits
from services.synth.residents import (
    ADDRESSES_A_FAMILY,
    household_feed,
    make_resident_rows,
    resident_feed,
    setai_numbers,
)
from services.synth.school_count import SchoolRanks, school_ranks
from services.synth.schooling import GRADES, fiscal_year, gakureibo_feed, make_school_years, map_feed, pupil_numbers
from services.synth.support import edu_support_feed
from services.synth.tax import tax_feed
from services.synth.truth import true_children
from services.synth.welfare import enjo_feed, hogo_feed, shien_feed, teate_feed

Progress = Callable[[str], None]


@dataclass(frozen=True)
class City:
    """facts: one frame a feed file, by (feed, part): contract columns, dates as dates; part is "" or a fiscal year.

    children: the truth about each child (see truth.true_children); gaps: 国 by grade, how far 生活保護 lies below the others
    """

    until: date
    facts: dict[tuple[str, str], pl.DataFrame]
    children: pl.DataFrame
    gaps: tuple[float, ...]


def make_city(*, children: int, until: date, seed: int, progress: Progress) -> City:
    """Draw the city; the same arguments give the same city."""
    progress("家庭と住民")
    town = make_town(children=children, until=until, seed=seed)
    persons = make_persons(town, seed)
    rows = make_resident_rows(town, persons, seed)
    addresses = draw_addresses(stream(seed, "addresses"), town.families.height * ADDRESSES_A_FAMILY)
    years = make_school_years(town, persons, make_schools(children), addresses["town"], seed)
    pupils = pupil_numbers(years, seed)
    progress("福祉と相談")
    known = {
        "soudan": soudan_feed(town, persons, seed),
        "boshi_hoken": boshi_feed(town, persons, seed),
        "edu_support": edu_support_feed(town, persons, pupils, seed),
    }
    nurturing = nurturing_levels(town, persons, known)
    hardship = make_hardship(town, nurturing, _families_with_pupils(town, years), seed)
    known |= {
        "shugaku_enjo": enjo_feed(town, persons, years, hardship, seed),
        "seikatsu_hogo": hogo_feed(town, persons, hardship, seed),
        "jido_fuyo_teate": teate_feed(town, persons, hardship, seed),
        "jido_teate": jido_teate_feed(town, persons, seed),
        "hoiku": hoiku_feed(town, persons, seed),
        "tax_class": tax_feed(town, persons, hardship, seed),
        "shien_sochi": shien_feed(town, persons, seed),
        "resident": resident_feed(town, persons, rows, addresses, seed),
        "household": household_feed(town, persons, rows, seed),
        "gakureibo": gakureibo_feed(town, persons, years, seed),
        "oneroster_map": map_feed(town, persons, pupils, seed),
        "legal_basis": legal_basis_feed(until),
    }
    progress("学校")
    taught = make_taught(years, pupils, hardship)
    school, ranks, gaps, absence = _school(town, taught, seed)
    homes = _homes(town, persons, rows, seed)
    economic = economic_levels(town, known, homes.select("atena_no", "setai_no"))
    truth = true_children(town, persons, pupils, homes, economic, nurturing, taught, ranks, absence)
    return City(until, {(feed, ""): frame for feed, frame in known.items()} | school, truth, gaps)


def _families_with_pupils(town: Town, years: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether a family has a child at a public school here in the last school year."""
    now = years.filter(pl.col("public") & (pl.col("fy") == fiscal_year(town.until)))["fam"].unique()
    return town.families["fam"].is_in(now.implode()).to_numpy()


def _homes(town: Town, persons: pl.DataFrame, rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Who lives here on the last day, and in which household: pid, atena_no, setai_no."""
    last = rows.group_by("pid", maintain_order=True).last().filter(pl.col("status") == "住民").select("pid", "setai")
    return last.join(setai_numbers(town, seed), on="setai", how="left", maintain_order="left").select(
        "pid", "setai_no", atena_no=persons["atena_no"].gather(last["pid"])
    )


def _school(
    town: Town, taught: Taught, seed: int
) -> tuple[dict[tuple[str, str], pl.DataFrame], SchoolRanks, tuple[float, ...], pl.DataFrame]:
    """What schools and their surveys know, the ranks that follow, the gaps made, and days absent."""
    traits = make_traits(taught, seed)
    scores = make_scores(town, taught, traits, seed)
    answers = make_answers(town, taught, traits, seed)
    attendance = make_attendance(town, taught, traits, _counted(town, taught), seed)
    absence = absent_days(town, taught, attendance)
    ranks = school_ranks(taught, scores, answers, absence, day_number(town.until))
    gaps = kokugo_gaps(taught, scores.dev[:, 0] / 10, scores.sat[:, 0] & ~scores.absent[:, 0])
    feeds = {
        ("life_scale", ""): life_scale_feed(taught, answers, seed),
        ("physical", ""): physical_feed(town, taught, traits, seed),
        ("health_check", ""): health_check_feed(town, taught, seed),
        ("survey_max", ""): survey_max(taught),
        ("instrument_key", ""): instrument_key(),
        ("instrument_norm", ""): instrument_norm(GRADES),
    }
    feeds |= _by_year("academic", academic_feed(taught, scores, seed))
    for form in FORMS:
        if form.version in answers.given:
            feeds |= _by_year("life_answer", life_answer_feed(taught, answers, form, seed))
    feeds |= _attendance(taught, attendance, seed)
    feeds = {key: frame for key, frame in feeds.items() if frame.height}
    return feeds, ranks, tuple(float(gap) for gap in gaps), absence


def _counted(town: Town, taught: Taught) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows of pupils who live here at the end and are still P1–J3: those whose absences the city's share is of."""
    now = taught.table.filter(
        (pl.col("fy") == fiscal_year(town.until)) & (pl.col("start") <= town.until) & (pl.col("end") > town.until)
    )
    return taught.table["pid"].is_in(now["pid"].implode()).to_numpy()


def _by_year(feed: str, frame: pl.DataFrame) -> dict[tuple[str, str], pl.DataFrame]:
    """One file a fiscal year."""
    parts = frame.partition_by("fy", as_dict=True, maintain_order=True)
    return {(feed, str(fy)): part for (fy,), part in sorted(parts.items())}


def _attendance(taught: Taught, attendance: Attendance, seed: int) -> dict[tuple[str, str], pl.DataFrame]:
    years: list[int] = sorted({int(fy) for fy in taught.fy.tolist()})
    return {("attendance", str(fy)): attendance_feed(taught, attendance, fy, seed) for fy in years}
