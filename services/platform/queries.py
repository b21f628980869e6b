"""SQL lives in `queries.sql` beside the service that asks it, and is read by name."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import LiteralString, cast

from psycopg import sql

_HEAD = re.compile(r"^-- (\w+) --$", re.MULTILINE)


@cache
def queries(package: str) -> Mapping[str, sql.SQL]:
    """The queries of `package` by name: a line `-- name --`, a line of purpose, the query."""
    parts = _HEAD.split((resources.files(package) / "queries.sql").read_text("utf-8"))
    # what ships with the package is as literal as a string in the code
    return {
        name: sql.SQL(cast("LiteralString", query.strip()))
        for name, query in zip(parts[1::2], parts[2::2], strict=True)
    }
