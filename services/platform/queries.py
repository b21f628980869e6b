"""SQL lives in `queries.sql` beside the service that asks it, and is read by name, as bytes."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

_HEAD = re.compile(rb"^-- (\w+) --$", re.MULTILINE)


@cache
def queries(package: str) -> Mapping[str, bytes]:
    """The queries of `package` by name: a line `-- name --`, a line of purpose, the query."""
    parts = _HEAD.split((resources.files(package) / "queries.sql").read_bytes())
    return {name.decode(): query.strip() for name, query in zip(parts[1::2], parts[2::2], strict=True)}
