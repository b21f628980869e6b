"""Tiles and entry bundles: the files that C2SP tlog-tiles names, and that they hold the tree."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tlog import leaf_hash, root
from models.tlog.proofs import consistency_proof, consistency_ranges, inclusion_proof, inclusion_ranges
from models.tlog.tiles import (
    MAX_ENTRY_BYTES,
    bundle_path,
    edge_root,
    edge_widths,
    grown,
    range_root,
    read_bundle,
    split_hashes,
    tile_path,
    tiles,
    write_bundle,
)

MANY = [leaf_hash(str(number).encode()) for number in range(70_000)]
EDGES = [0, 1, 255, 256, 257, 512, 65_535, 65_536, 65_537, 65_792, 70_000]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (tile_path(0, 0), "tile/0/000"),
        (tile_path(0, 67, 3), "tile/0/067.p/3"),
        (tile_path(1, 1234067), "tile/1/x001/x234/067"),
        (tile_path(2, 1000, 1), "tile/2/x001/000.p/1"),
        (bundle_path(1234067), "tile/entries/x001/x234/067"),
        (bundle_path(0, 255), "tile/entries/000.p/255"),
    ],
)
def test_paths_are_groups_of_three_digits(path: str, expected: str) -> None:
    assert path == expected


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    made = dict(tiles(MANY))
    assert len(made) == 273 + 1 + 1 + 1 + 1
    assert len(made["tile/0/273.p/112"]) == 112 * 32
    assert len(made["tile/1/001.p/17"]) == 17 * 32
    assert made["tile/1/000"][:32] == root(MANY[:256])
    assert made["tile/2/000.p/1"] == root(MANY[:65_536])


def test_a_tree_of_256_has_a_full_tile_and_one_of_width_1_above() -> None:
    assert [path for path, _ in tiles(MANY[:256])] == ["tile/0/000", "tile/1/000.p/1"]


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("since", EDGES)
def test_since_gives_what_the_smaller_tree_had_not(since: int, size: int) -> None:
    _check_growth(min(since, size), size)


@given(st.integers(0, 1_500), st.integers(0, 1_500))
@settings(max_examples=40)
def test_growing_from_the_edge_gives_the_same_tiles(since: int, size: int) -> None:
    _check_growth(min(since, size), size)


@pytest.mark.parametrize("size", EDGES)
def test_the_edge_alone_tells_the_root(size: int) -> None:
    assert edge_root(_edge(dict(tiles(MANY[:size])), size)) == root(MANY[:size])


@given(st.data())
@settings(max_examples=40)
def test_proofs_out_of_tiles_are_those_out_of_leaves(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 1_500) | st.sampled_from(EDGES[1:]))
    index = data.draw(st.integers(0, size - 1))
    read = _reader(dict(tiles(MANY[:size])))
    included = [range_root(first, end, size, read) for first, end in inclusion_ranges(index, size)]
    assert included == inclusion_proof(MANY, index, size)
    consistent = [range_root(first, end, size, read) for first, end in consistency_ranges(index, size)]
    assert consistent == consistency_proof(MANY, index, size)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert read_bundle(write_bundle(entries)) == entries


def test_the_length_of_an_entry_is_two_bytes_with_the_greater_first() -> None:
    assert write_bundle([b"a" * 258, b""])[:3] == b"\x01\x02a"
    assert write_bundle([b"a" * 258, b""])[-2:] == b"\x00\x00"


def test_an_entry_may_have_65535_bytes_and_no_more() -> None:
    assert read_bundle(write_bundle([bytes(MAX_ENTRY_BYTES)])) == [bytes(MAX_ENTRY_BYTES)]
    with pytest.raises(ValueError, match="too long"):
        write_bundle([bytes(MAX_ENTRY_BYTES + 1)])


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=5), st.data())
def test_a_cut_bundle_is_refused_or_ends_between_entries(entries: list[bytes], data: st.DataObject) -> None:
    bundle = write_bundle(entries)
    cut = data.draw(st.integers(0, len(bundle) - 1))
    whole = [len(write_bundle(entries[:count])) for count in range(len(entries))]
    if cut in whole:
        assert read_bundle(bundle[:cut]) == entries[: whole.index(cut)]
    else:
        with pytest.raises(ValueError, match="ends within an entry"):
            read_bundle(bundle[:cut])


def _check_growth(since: int, size: int) -> None:
    before, after = dict(tiles(MANY[:since])), dict(tiles(MANY[:size]))
    new = {path: tile for path, tile in after.items() if path not in before}
    assert dict(tiles(MANY[:size], since=since)) == new
    assert dict(grown(since, _edge(before, since), MANY[since:size])) == new


def _edge(made: dict[str, bytes], size: int) -> list[bytes]:
    """The partial tile of each level of a tree of this size."""
    return [
        made[tile_path(level, size >> 8 * (level + 1), width)] if width else b""
        for level, width in enumerate(edge_widths(size))
    ]


def _reader(made: dict[str, bytes]) -> Callable[[int, int, int], bytes]:
    def read(level: int, n: int, width: int) -> bytes:
        tile = made[tile_path(level, n, width)]
        assert len(split_hashes(tile)) == width
        return tile

    return read
