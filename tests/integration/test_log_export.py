"""Promise 3, outside: an exported folder is verified from its files alone, and every kind of tampering has its name."""

import json
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.tlog import cosignature, leaf_hash
from models.tlog.checkpoint import Checkpoint, read_checkpoint
from models.tlog.keys import read_verifier_key
from models.tlog.note import add_signature, split_note, verified
from models.tlog.proof import read_proof
from models.tlog.proofs import verify_inclusion
from models.tlog.tiles import read_bundle, write_bundle
from schemas.errors import UsageError
from services.ledger import folder as public
from services.ledger import keys, witness
from services.ledger.checkpoint import publish
from services.ledger.errors import AlteredError
from services.ledger.export import export
from services.ledger.prove import prove
from services.ledger.verify import verify
from services.ledger.witness import WitnessRefusedError
from services.platform.database import Database
from tests.logbook import as_superuser, fill, rewrite
from tests.operating import Operator

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
OpenAt = Callable[[str], Database]
Found = list[tuple[str, int | None]]


@pytest.fixture
def out(database: Database, tmp_path: Path) -> Path:
    """An export of 700 entries: two full tiles and a partial one."""
    fill(database, 700)
    export(database, tmp_path / "out")
    return tmp_path / "out"


def errors(folder: Path, *against: str) -> Found:
    return [(fault.kind, fault.index) for fault in verify(folder, against=against).errors]


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def cut(file: Path, by: int) -> None:
    file.write_bytes(file.read_bytes()[:-by])


def alter(folder: Path, bundle: str, at: int) -> None:
    """Another entry in the place of one, in the exported files."""
    entries = read_bundle((folder / bundle).read_bytes())
    entries[at] += b" "
    (folder / bundle).write_bytes(write_bundle(entries))


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 512])
def test_what_is_exported_verifies(database: Database, tmp_path: Path, count: int) -> None:
    fill(database, count)
    export(database, tmp_path / "out")
    found = verify(tmp_path / "out")
    assert (found.ok, found.warnings, found.checkpoint) == (True, [], publish(database))


def test_an_export_holds_the_entries_and_nothing_of_their_details(database: Database, out: Path) -> None:
    files = sorted(str(file.relative_to(out)) for file in out.rglob("*") if file.is_file())
    assert files == [
        "checkpoint", "keys", "tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/188",
    ]  # fmt: skip
    with database.connect("auditor") as conn:
        leaves = [bytes(leaf) for (leaf,) in conn.execute("SELECT leaf FROM ledger.entry ORDER BY index")]
    assert read_bundle((out / "tile/entries/001").read_bytes()) == leaves[256:512]


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda f: alter(f, "tile/entries/001", 3), [("ENTRY_ALTERED", 259)]),
        (lambda f: alter(f, "tile/entries/002.p/188", 187), [("ENTRY_ALTERED", 699)]),
        (lambda f: flip(f / "tile/0/001", 32 * 7), [("TILE_ALTERED", 263)]),
        (lambda f: flip(f / "tile/0/002.p/188", 0), [("TILE_ALTERED", 512)]),
        (lambda f: flip(f / "tile/1/000.p/2", 0), [("TILE_ALTERED", None)]),
        (lambda f: (f / "tile/0/000").unlink(), [("TILE_MISSING", 0)]),
        (lambda f: (f / "tile/1/000.p/2").unlink(), [("TILE_MISSING", None)]),
        (lambda f: (f / "tile/entries/001").unlink(), [("TILE_MISSING", 256)]),
        (lambda f: cut(f / "tile/0/001", 32), [("TRUNCATED", 511)]),
        (lambda f: cut(f / "tile/1/000.p/2", 1), [("TRUNCATED", None)]),
        (lambda f: cut(f / "tile/entries/002.p/188", 1), [("TRUNCATED", 512)]),
        (lambda f: flip(f / "checkpoint", -3), [("CHECKPOINT_SIGNATURE", None)]),
        (lambda f: (f / "checkpoint").write_text("x"), [("CHECKPOINT_SIGNATURE", None)]),
        (lambda f: (f / "checkpoint").unlink(), [("CHECKPOINT_SIGNATURE", None)]),
    ],
)
def test_what_was_spoiled_is_named(out: Path, spoil: Callable[[Path], None], named: Found) -> None:
    spoil(out)
    assert errors(out) == named


def test_entries_and_tiles_altered_alike_still_do_not_give_the_signed_root(out: Path) -> None:
    alter(out, "tile/entries/001", 3)
    tile = bytearray((out / "tile/0/001").read_bytes())
    tile[96:128] = leaf_hash(read_bundle((out / "tile/entries/001").read_bytes())[3])
    (out / "tile/0/001").write_bytes(tile)
    assert errors(out) == [("TILE_ALTERED", None)]  # the level above says otherwise


def test_another_checkpoint_size_is_not_believed(out: Path) -> None:
    content = (out / "checkpoint").read_text()
    (out / "checkpoint").write_text(content.replace("\n700\n", "\n512\n"))
    assert errors(out) == [("CHECKPOINT_SIGNATURE", None), ("ROOT_DIFFERS", None)]


def test_a_forged_size_is_not_walked_to_its_end(out: Path) -> None:
    content = (out / "checkpoint").read_text()
    (out / "checkpoint").write_text(content.replace("\n700\n", "\n99999999999999\n"))
    assert [kind for kind, _ in errors(out)] == ["CHECKPOINT_SIGNATURE", "TRUNCATED"]


@pytest.mark.parametrize("index", [0, 300, 699])
def test_an_entry_that_a_superuser_altered_is_named(
    database: Database, tmp_path: Path, operator: Operator, index: int
) -> None:
    fill(database, 700)
    publish(database)
    rewrite(database, index)
    operator.json("log", "export", "--out", tmp_path / "out")
    answer = operator.json("log", "verify", tmp_path / "out", code=1)
    assert (answer["ok"], answer["size"]) == (False, 700)
    assert [(fault["kind"], fault["index"]) for fault in answer["errors"]] == [("ENTRY_ALTERED", index)]
    with pytest.raises(AlteredError):
        prove(database, index)
    other = (index + 1) % 700
    assert read_proof(prove(database, other)[1]).index == other


def test_an_export_says_when_nothing_may_be_signed(database: Database, operator: Operator, tmp_path: Path) -> None:
    fill(database, 20)
    publish(database)
    as_superuser(database, b"UPDATE ledger.head SET size = 19")
    assert operator.json("log", "export", "--out", tmp_path / "out")["refused"] == "RolledBackError"
    assert operator.json("log", "checkpoint", code=1)["error"] == "RolledBackError"


def test_verify_and_witness_need_neither_home_nor_database(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    alone = Operator({"PATH": "/usr/bin:/bin", "MIMAMORI_HOME": str(tmp_path / "none")})
    assert alone.json("log", "verify", out) == {
        "ok": True, "size": 700, "root": verify(out).json()["root"], "errors": [], "warnings": [],
    }  # fmt: skip
    council = ("--dir", tmp_path / "council", "--key", tmp_path / "council.pem")
    alone.json("witness", "init", out, *council)
    assert alone.json("witness", "cosign", out, *council)["size"] == 700
    assert not (tmp_path / "none").exists()


def test_an_earlier_checkpoint_must_be_the_beginning(database: Database, tmp_path: Path, operator: Operator) -> None:
    notes = []
    for step in (0, 3, 253, 1, 300):
        fill(database, step)
        export(database, tmp_path / "out")
        notes.append((tmp_path / "out/checkpoint").read_text())
    assert errors(tmp_path / "out", *notes) == []
    shutil.copytree(tmp_path / "out", tmp_path / "old")
    fill(database, 1)
    export(database, tmp_path / "out")
    later = (tmp_path / "out/checkpoint").read_text()
    assert errors(tmp_path / "old", later) == [("NOT_AN_EXTENSION", 558)]
    assert operator.json("log", "verify", tmp_path / "out", "--against", tmp_path / "old/checkpoint")["ok"]
    assert not operator.json("log", "verify", tmp_path / "old", "--against", tmp_path / "out", code=1)["ok"]


def test_a_day_before_the_last_is_warned_of(open_at: OpenAt, tmp_path: Path) -> None:
    fill(open_at("2026-09-01T09:00"), 3)
    fill(open_at("2026-08-31T09:00"), 3)
    export(open_at("2026-08-31T09:00"), tmp_path / "out")
    found = verify(tmp_path / "out")
    assert (found.ok, [(fault.kind, fault.index) for fault in found.warnings]) == (True, [("CLOCK_SET_BACK", 3)])


def test_an_export_replaces_an_export_and_nothing_else(database: Database, out: Path, tmp_path: Path) -> None:
    fill(database, 1)
    assert export(database, out).checkpoint.size == 701
    assert verify(out).ok
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("mine")
    with pytest.raises(UsageError):
        export(database, tmp_path / "other")


@pytest.mark.parametrize("size", [1, 2, 256, 257, 700])
def test_a_proof_stands_alone(database: Database, operator: Operator, size: int) -> None:
    fill(database, size)
    publish(database)
    vkey = read_verifier_key((public.of_home(database.settings.home) / "keys").read_text().strip())
    for index in {0, size // 2, size - 1}:
        proof = read_proof(prove(database, index)[1])
        signed = read_checkpoint(verified(proof.checkpoint, [vkey]).text)
        assert json.loads(proof.extra)["index"] == proof.index == index
        assert verify_inclusion(leaf_hash(proof.extra), index, signed.size, proof.hashes, signed.root)
    assert operator.run("log", "prove", str(size), code=2)


def test_an_entry_since_the_last_checkpoint_is_proved_under_a_new_one(database: Database) -> None:
    fill(database, 3)
    publish(database)
    fill(database, 3)
    assert prove(database, 5)[0].checkpoint.size == 6


def test_trust_follows_the_endorsements_from_the_pinned_key(database: Database, tmp_path: Path) -> None:
    fill(database, 3)
    export(database, tmp_path / "out")
    first = (tmp_path / "out/keys").read_text().strip()
    for _ in range(2):
        keys.rotate(database)
        keys.finish_rotation(database)
    export(database, tmp_path / "out")
    assert verify(tmp_path / "out", pinned=first).ok
    (tmp_path / "out/endorsements/2").write_bytes((tmp_path / "out/endorsements/3").read_bytes())
    assert [fault.kind for fault in verify(tmp_path / "out", pinned=first).errors] == ["CHECKPOINT_SIGNATURE"]


class Council:
    """A witness with its own folder and key."""

    def __init__(self, folder: Path, export: Path) -> None:
        self.folder, self.key = folder / "council", folder / "council.pem"
        self.own, _ = witness.init(self.folder, self.key, export, name="example/council")

    def cosign(self, shown: Path, after: int = 0) -> witness.Cosigned:
        return witness.cosign(self.folder, self.key, shown, NOW + timedelta(seconds=after))


def test_the_witness_cosigns_extensions_and_remembers(database: Database, out: Path, tmp_path: Path) -> None:
    council = Council(tmp_path, out)
    assert council.cosign(out).seen is None
    fill(database, 10)
    export(database, out)
    cosigned = council.cosign(out, 5)
    assert (cosigned.seen, cosigned.checkpoint.size) == (700, 710)
    at = cosignature.verify(cosigned.file.read_text(), read_verifier_key(council.own))
    assert at == int(NOW.timestamp()) + 5
    assert council.cosign(out / "checkpoint", 6).seen == 710  # the same again


def test_with_the_signing_key_in_hand_a_rewritten_log_verifies_but_the_witness_refuses(
    database: Database, out: Path, tmp_path: Path
) -> None:
    council = Council(tmp_path, out)
    council.cosign(out)
    rewrite(database, 5)
    as_superuser(database, b"DELETE FROM ledger.checkpoint")
    shutil.rmtree(public.of_home(database.settings.home))
    fill(database, 1)
    export(database, out)
    found = verify(out)
    assert found.ok and found.checkpoint is not None and found.checkpoint.size == 701
    with pytest.raises(WitnessRefusedError, match="700") as refused:
        council.cosign(out, 5)
    assert refused.value.seen == 700
    assert [(fault.kind, fault.index) for fault in refused.value.faults] == [("NOT_AN_EXTENSION", 700)]
    assert "\n700\n" in (council.folder / "checkpoint").read_text()


def test_the_witness_refuses_an_older_log(database: Database, out: Path, tmp_path: Path) -> None:
    council = Council(tmp_path, out)
    shutil.copytree(out, tmp_path / "old")
    fill(database, 1)
    export(database, out)
    council.cosign(out)
    for shown in (tmp_path / "old", tmp_path / "old/checkpoint"):
        with pytest.raises(WitnessRefusedError, match="701"):
            council.cosign(shown, 5)


def test_the_witness_refuses_what_does_not_verify_and_a_clock_set_back(out: Path, tmp_path: Path) -> None:
    council = Council(tmp_path, out)
    council.cosign(out, 100)
    with pytest.raises(WitnessRefusedError, match="時計"):
        council.cosign(out, 99)
    flip(out / "tile/0/000", 0)
    with pytest.raises(WitnessRefusedError, match="TILE_ALTERED"):
        council.cosign(out, 200)


def test_a_lone_checkpoint_is_taken_for_the_tree_already_seen_alone(
    database: Database, out: Path, tmp_path: Path
) -> None:
    council = Council(tmp_path, out)
    lone = tmp_path / "lone"
    shutil.copyfile(out / "checkpoint", lone)
    council.cosign(lone)
    fill(database, 1)
    export(database, out)
    shutil.copyfile(out / "checkpoint", lone)
    with pytest.raises(UsageError):
        council.cosign(lone, 5)
    with database.connect("ledger") as conn:
        key = keys.signing_keys(conn, database.settings.home)
    other = Checkpoint("mimamori/log", 700, bytes(32))
    lone.write_text(keys.signed(other.text, other.origin, key))
    with pytest.raises(WitnessRefusedError, match="700"):
        council.cosign(lone, 5)


def test_what_is_no_log_at_all_is_wrong_usage(out: Path, tmp_path: Path) -> None:
    council = Council(tmp_path, out)
    for shown in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(UsageError):
            council.cosign(shown)


def test_a_witness_whose_memory_was_altered_refuses(out: Path, tmp_path: Path) -> None:
    council = Council(tmp_path, out)
    council.cosign(out)
    text, signatures = split_note((council.folder / "checkpoint").read_text())
    (council.folder / "checkpoint").write_text(add_signature(f"{text}\n{signatures[0].line}", signatures[0].line))
    with pytest.raises(WitnessRefusedError):
        council.cosign(out, 5)


def test_a_witness_follows_a_rotated_key_and_no_other(database: Database, out: Path, tmp_path: Path) -> None:
    council = Council(tmp_path, out)
    council.cosign(out)
    keys.rotate(database)
    keys.finish_rotation(database)
    export(database, out)
    assert council.cosign(out, 5).checkpoint.size == 702
    keys.rotate(database, lost=True)
    export(database, out)
    with pytest.raises(WitnessRefusedError, match="CHECKPOINT_SIGNATURE"):
        council.cosign(out, 6)
