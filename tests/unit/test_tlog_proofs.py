"""Inclusion and consistency proofs: the published ones of Certificate Transparency, and what must hold of every one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tlog import leaf_hash, root
from models.tlog.proofs import (
    consistency_proof,
    consistency_ranges,
    inclusion_proof,
    inclusion_ranges,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
MANY = [leaf_hash(str(number).encode()) for number in range(300)]

INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


@pytest.mark.parametrize(("place", "published"), INCLUSION.items())
def test_inclusion_proofs_are_the_published_ones(place: tuple[int, int], published: list[str]) -> None:
    index, size = place
    proof = inclusion_proof(LEAVES, index, size)
    assert [hash_.hex() for hash_ in proof] == published
    assert verify_inclusion(LEAVES[index], index, size, proof, root(LEAVES[:size]))


@pytest.mark.parametrize(("sizes", "published"), CONSISTENCY.items())
def test_consistency_proofs_are_the_published_ones(sizes: tuple[int, int], published: list[str]) -> None:
    old, new = sizes
    proof = consistency_proof(LEAVES, old, new)
    assert [hash_.hex() for hash_ in proof] == published
    assert verify_consistency(old, root(LEAVES[:old]), new, root(LEAVES[:new]), proof)


@given(st.data())
def test_every_leaf_of_every_tree_can_be_proved_and_no_flipped_bit_passes(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(MANY)))
    index = data.draw(st.integers(0, size - 1))
    parts = [MANY[index], root(MANY[:size]), *inclusion_proof(MANY, index, size)]
    assert verify_inclusion(parts[0], index, size, parts[2:], parts[1])

    broken = _flipped(parts, data)
    assert not verify_inclusion(broken[0], index, size, broken[2:], broken[1])


@given(st.data())
def test_every_tree_is_shown_to_begin_with_every_earlier_one_and_no_flipped_bit_passes(data: st.DataObject) -> None:
    new = data.draw(st.integers(0, len(MANY)))
    old = data.draw(st.integers(0, new))
    parts = [root(MANY[:old]), root(MANY[:new]), *consistency_proof(MANY, old, new)]
    assert verify_consistency(old, parts[0], new, parts[1], parts[2:])

    # nothing is claimed of the new root where the old tree is empty: every log begins with it
    broken = _flipped(parts[:1] if old == 0 else parts, data) + (parts[1:] if old == 0 else [])
    assert not verify_consistency(old, broken[0], new, broken[1], broken[2:])


@given(st.data())
def test_a_rewritten_log_has_no_consistency_proof(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, len(MANY)))
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*MANY[:changed], leaf_hash(b"rewritten"), *MANY[changed + 1 : new]]
    proof = consistency_proof(rewritten, old, new)
    assert not verify_consistency(old, root(MANY[:old]), new, root(rewritten), proof)


@given(st.data())
def test_a_proof_stands_for_one_index_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, len(MANY)))
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    assert not verify_inclusion(MANY[index], other, size, inclusion_proof(MANY, index, size), root(MANY[:size]))


@given(st.integers(1, 300))
def test_a_proof_that_is_shorter_or_longer_or_has_a_longer_hash_is_refused(size: int) -> None:
    proof, top = inclusion_proof(MANY, 0, size), root(MANY[:size])
    assert not verify_inclusion(MANY[0], 0, size, [*proof, top], top)
    assert not verify_inclusion(MANY[0], 0, size, [hash_ + b"\0" for hash_ in proof] or [b""], top)
    assert not proof or not verify_inclusion(MANY[0], 0, size, proof[:-1], top)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_leaf_lies_outside_its_tree(index: int, size: int) -> None:
    assert not verify_inclusion(MANY[0], index, size, [], MANY[0])
    with pytest.raises(IndexError):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_no_tree_begins_with_a_larger_one(old: int, new: int) -> None:
    assert not verify_consistency(old, MANY[0], new, MANY[0], [])
    with pytest.raises(IndexError):
        consistency_ranges(old, new)


def test_nothing_is_proved_of_leaves_that_are_not_there() -> None:
    with pytest.raises(IndexError):
        inclusion_proof(LEAVES, 0, 9)
    with pytest.raises(IndexError):
        consistency_proof(LEAVES, 3, 9)


def _flipped(parts: list[bytes], data: st.DataObject) -> list[bytes]:
    """The parts with one bit changed."""
    part = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, len(parts[part]) * 8 - 1))
    changed = bytearray(parts[part])
    changed[bit // 8] ^= 1 << bit % 8
    return [*parts[:part], bytes(changed), *parts[part + 1 :]]
