"""Times the kernel for few children: `python -m infra.bench.judgement_household [--children N]`.

All three judgements with their reasons, for one household after the other and for many at once, against the norms of the whole
city: a 速報 without its reading and its storing. One JSON object on standard output, in milliseconds of the wall, each the
shortest of three: what the kernel takes, not what it waits for others.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence

import numpy as np
import polars as pl

from infra.bench.judgement_city import UNTIL, Frames, filled, make_facts
from models import calendar
from models.judgement.facts import Facts
from models.judgement.kernel import judge
from schemas.rules import load_default
from schemas.rules.names import SCALES

RULES = load_default()
ITEMS = 5  # a scale
MANY = 500  # households at once
HOUSEHOLD = {"resident": "setai", "tax_class": "setai", "seikatsu_hogo": "setai"}
CHILD = {"academic": "person", "life_answer": "person", "jido_fuyo_teate": "child", "soudan": "child"}
OWN = HOUSEHOLD | CHILD  # feed → the column that is the household's number, which is its child's too


def main() -> None:
    """Every household of the first MANY alone, then all of these at once."""
    parser = argparse.ArgumentParser(prog="bench", description="Time the kernel for few children.")
    parser.add_argument("--children", type=int, default=3000, help="of the city that the norms are of")
    frames = make_facts(parser.parse_args().children)
    frames |= _questionnaires(frames["resident"])
    norms = judge(Facts(frames), as_of=UNTIL, rules=RULES, history=[]).norms
    households = range(1, MANY + 1)
    alone = [_timed(_of(frames, [household]), [household], norms) for household in households]
    together = _timed(_of(frames, households), households, norms)
    cuts = statistics.quantiles(alone, n=100)
    told = {"households": MANY, "p50": cuts[49], "p99": cuts[98], "at_once": together}
    sys.stdout.write(json.dumps({name: round(value, 1) for name, value in told.items()}) + "\n")


def _questionnaires(residents: pl.DataFrame) -> Frames:
    """A scoring key, and the answers of every pupil this year and the year before; a sheet is one stored row."""
    scales = [(scale, f"{scale}{item}") for scale in SCALES for item in range(ITEMS)]
    form = {"form_version": pl.lit("F"), "key_version": pl.lit("K")}
    key = pl.DataFrame(scales, schema=["scale_code", "item_code"], orient="row").with_columns(reverse=False, **form)
    year = calendar.fiscal_year(UNTIL)
    pupils = residents.filter(calendar.grade_at(pl.col("birth"), year).str.contains("^[PJ]"))
    sheets = pupils.select("person").join(pl.DataFrame({"fy": [year - 1, year]}), how="cross").with_row_index("source")
    answers = sheets.join(key.select("item_code"), how="cross").with_columns(
        survey_id=pl.lit("L"), date=pl.date("fy", 6, 1), **form
    )
    drawn = np.random.Generator(np.random.PCG64(2)).integers(1, 5, answers.height)
    return {"life_answer": filled("life_answer", answers.with_columns(answer=drawn)), "instrument_key": key}


def _of(frames: Frames, households: Sequence[int]) -> Facts:
    """What is read for these households."""
    return Facts(
        {
            feed: rows.filter(pl.col(OWN[feed]).is_in(households)) if feed in OWN else rows
            for feed, rows in frames.items()
        }
    )


def _timed(facts: Facts, households: Sequence[int], norms: pl.DataFrame) -> float:
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        judge(facts, as_of=UNTIL, rules=RULES, history=[], norms=norms, within=households)
        taken.append(time.perf_counter() - began)
    return min(taken) * 1000


if __name__ == "__main__":
    main()
