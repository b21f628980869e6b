"""What fsck takes for canonical, and the tree it grows."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from models.tlog import leaf_hash, root
from models.tlog.growing import GrowingTree
from services.ledger.fsck import canonical

KEYS = st.text("azAZ_09", max_size=3)
TEXTS = st.text(max_size=5).map(lambda text: text.replace("\0", ""))
SCALARS = st.none() | st.booleans() | st.integers(1 - 10**15, 10**15 - 1) | TEXTS
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(KEYS, SCALARS, max_size=3)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_what_the_library_calls_canonical_is(value: dict[str, Any]) -> None:
    assert canonical(rfc8785.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[]", b"1", b'"x"', b'{"a":1 }', b'{"b":1,"a":1}', b'{"a":1,"a":1}', b'{"a":1.0}', b'{"a":1e2}',
        b'{"a":NaN}', b'{"a":-0}', b'{"a":"\\u0041"}', b'{"a":"\\u0000"}', b'{"a":"\\ud800"}', b'{"a":"\xff"}', b'{"a":1}\n',
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_another_spelling_is_not(text: bytes) -> None:
    assert canonical(text) is None


def test_a_growing_tree_has_the_root_of_every_size() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(70)]
    tree = GrowingTree()
    for size in range(len(leaves)):
        assert (tree.size, tree.root()) == (size, root(leaves[:size]))
        tree.add(leaves[size])
