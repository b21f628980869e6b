"""The groups of children by which a comparison is shown, as the registers had them on the day."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from psycopg import Connection

from services.platform.bulk import query_frame
from services.platform.queries import queries

_RESIDENT = {"source": pl.Int64(), "sex": pl.String(), "nationality": pl.String(), "area": pl.String()}
_SCHOOL = {"source": pl.Int64(), "school": pl.String()}
SEX = {"1": "男", "2": "女", "9": "その他"}
GRADES: Mapping[str, str] = {  # in order of age; E1 to E3 are the three years before school
    "E1": "3歳児の年", "E2": "4歳児の年", "E3": "5歳児の年",
    **{f"P{n}": f"小{n}" for n in range(1, 7)}, **{f"J{n}": f"中{n}" for n in range(1, 4)},
    **{f"H{n}": f"高{n}の年" for n in range(1, 4)},
}  # fmt: skip


def groups_of(conn: Connection[Any], sources: pl.DataFrame) -> pl.DataFrame:
    """child_id, school (code), grade, sex, nationality, area (大字・町: four digits of the 町字ID); null
    where the registers do not say, and for the area of a household with 支援措置.

    sources:  as services.simulation.again gives them
    """
    residents = query_frame(conn, queries("services.simulation")["residents"], None, _RESIDENT)
    schools = query_frame(conn, queries("services.simulation")["schools"], None, _SCHOOL)
    return (
        sources.join(residents, left_on="resident", right_on="source", how="left")
        .join(schools, left_on="entry", right_on="source", how="left")
        .select("child_id", "school", "grade", pl.col("sex").replace(SEX), "nationality", "area")
    )
