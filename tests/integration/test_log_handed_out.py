"""Promise 3, outside: one proof is verified alone, cosignatures travel with exports and proofs, spoiled notes are named."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.tlog import cosignature
from models.tlog.checkpoint import read_checkpoint
from models.tlog.keys import COSIGNATURE, read_verifier_key, verifier_key
from models.tlog.note import split_note
from models.tlog.proof import Proof, read_proof, write_proof
from schemas.errors import UsageError
from services.ledger import folder as public
from services.ledger import keys, witness
from services.ledger.checkpoint import publish
from services.ledger.cosigned import take
from services.ledger.export import export
from services.ledger.prove import prove
from services.ledger.verify import verify
from services.ledger.verify_proof import verify_proof
from services.platform.database import Database
from tests.logbook import fill
from tests.operating import Operator

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)


@pytest.fixture
def out(database: Database, tmp_path: Path) -> Path:
    """An export of 300 entries: a full tile and a partial one."""
    fill(database, 300)
    export(database, tmp_path / "out")
    return tmp_path / "out"


def changed(proof: Proof, **other: object) -> str:
    parts = {"index": proof.index, "hashes": proof.hashes, "checkpoint": proof.checkpoint, "extra": proof.extra} | other
    return write_proof(parts["index"], parts["hashes"], parts["checkpoint"], parts["extra"])  # type: ignore[arg-type]  # of each part its own type


def instead(file: Path, make: Callable[[Path], None]) -> None:
    file.unlink()
    make(file)


def test_a_proof_is_verified_alone(database: Database, out: Path, tmp_path: Path, operator: Operator) -> None:
    file = tmp_path / "7.tlog-proof"
    operator.json("log", "prove", "7", "--out", file)
    alone = Operator({"PATH": "/usr/bin:/bin", "MIMAMORI_HOME": str(tmp_path / "none")})
    root = verify(out).json()["root"]
    right = {"index": 7, "ok": True, "size": 300, "root": root, "errors": [], "warnings": []}
    assert alone.json("log", "verify", file, "--key", out / "keys") == right
    assert alone.run("log", "verify", file, code=2)  # no key anywhere: nothing to trust
    shutil.copyfile(out / "keys", tmp_path / "keys")
    assert verify_proof(file).json() == right

    proof = read_proof(file.read_text())
    other = read_proof(prove(database, 8)[1])
    size, signed = proof.checkpoint.split("\n")[1:3]
    for text, named in (
        (changed(proof, extra=proof.extra + b" "), "PROOF_DIFFERS"),
        (changed(proof, index=8), "PROOF_DIFFERS"),
        (changed(proof, hashes=other.hashes), "PROOF_DIFFERS"),
        (changed(proof, hashes=proof.hashes[:-1]), "PROOF_DIFFERS"),
        (changed(proof, extra=b""), "ENTRY_ABSENT"),
        (changed(proof, checkpoint=proof.checkpoint.replace(f"\n{size}\n", "\n301\n")), "CHECKPOINT_SIGNATURE"),
        (changed(proof, checkpoint=f"{signed}\n"), "CHECKPOINT_SIGNATURE"),
        (file.read_text().replace("\n", "\r\n"), "PROOF_UNREADABLE"),
        ("", "PROOF_UNREADABLE"),
    ):
        file.write_text(text, newline="")
        assert named in {fault.kind for fault in verify_proof(file).errors}
    assert alone.json("log", "verify", file, "--key", out / "keys", code=1)["ok"] is False


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: instead(file, Path.mkdir),
        lambda file: instead(file, os.mkfifo),
        lambda file: file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes()),
        lambda file: file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n")),
        lambda file: os.truncate(file, 1 << 40),
    ],
    ids=["folder", "pipe", "BOM", "CRLF", "huge"],
)
def test_a_checkpoint_that_is_no_longer_one_is_named(out: Path, spoil: Callable[[Path], object]) -> None:
    spoil(out / "checkpoint")
    found = verify(out)
    assert [(fault.kind, fault.id) for fault in found.errors] == [("CHECKPOINT_UNREADABLE", "checkpoint")]
    assert not found.ok and found.checkpoint is None


def test_the_command_says_that_a_checkpoint_is_no_file(out: Path, operator: Operator) -> None:
    (out / "checkpoint").unlink()
    (out / "checkpoint").mkdir()
    answer = operator.json("log", "verify", out, code=1)
    assert (answer["ok"], answer["size"], answer["errors"][0]["kind"]) == (False, None, "CHECKPOINT_UNREADABLE")
    assert "ファイルではありません" in answer["errors"][0]["text"]


def test_cosignatures_come_back_into_exports_and_proofs(
    database: Database, out: Path, tmp_path: Path, operator: Operator
) -> None:
    key = tmp_path / "council.pem"
    own, _ = witness.init(tmp_path / "council", key, out, name="example/council")
    council = read_verifier_key(own)
    cosigned = witness.cosign(tmp_path / "council", key, out, NOW).file

    again = operator.json("log", "export", "--out", out, "--cosigned", tmp_path / "council")
    assert again["size"] == 300
    assert cosignature.verify((out / "checkpoint").read_text(), council) == int(NOW.timestamp())  # of just this tree

    fill(database, 300)
    export(database, out)
    (tmp_path / "council.vkey").write_text(own)
    trusted = ("--witness", tmp_path / "council.vkey")
    assert operator.json("log", "verify", out, *trusted)["cosigned"] == 300
    stranger = verifier_key("example/stranger", bytes(32), COSIGNATURE)
    assert [fault.kind for fault in verify(out, witnesses=[own, stranger]).errors] == ["COSIGNATURE_MISSING"]
    assert (verify(out).ok, verify(out).cosigned) == (True, read_checkpoint(split_note(cosigned.read_text())[0]))
    assert len(split_note((out / "checkpoint").read_text())[1]) == 1  # the witness has not seen this one
    for index, size in ((0, 300), (299, 300), (300, 600)):
        file = tmp_path / "proof"
        published, text = prove(database, index)
        file.write_text(text)
        assert (published.checkpoint.size, verify_proof(file, pinned=(out / "keys").read_text().strip()).ok) == (
            size,
            True,
        )
        assert verify_proof(file, pinned=(out / "keys").read_text().strip(), witnesses=[own]).ok == (size == 300)

    assert witness.cosign(tmp_path / "council", key, out, NOW + timedelta(seconds=5)).seen == 300
    take(database, cosigned)
    shutil.copyfile(out / "cosigned", tmp_path / "older")
    with pytest.raises(UsageError, match="300"):
        take(database, tmp_path / "older")


def test_what_is_no_cosigned_checkpoint_of_this_log_is_not_taken(database: Database, out: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="副署がありません"):
        take(database, out)
    with database.connect("ledger") as conn:
        signing = keys.signing_keys(conn, database.settings.home)
    for text in ("mimamori/log\n300\n" + "A" * 43 + "=\n", "mimamori/log\n299\n" + "A" * 43 + "=\n"):
        (tmp_path / "other").write_text(keys.signed(text, "mimamori/log", signing))
        with pytest.raises(UsageError, match="公開したものではありません"):
            take(database, tmp_path / "other")
    (tmp_path / "other").write_text("x")
    with pytest.raises(UsageError, match="署名したチェックポイントではありません"):
        take(database, tmp_path / "other")
    with pytest.raises(UsageError):
        take(database, tmp_path / "nothing")
    assert not (public.of_home(database.settings.home) / public.COSIGNED).exists()


def test_partial_tiles_go_once_the_full_one_is_published(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = public.of_home(database.settings.home)
    fill(database, 100)
    publish(database)
    fill(database, 200)
    with monkeypatch.context() as killed:
        killed.setattr(public, "write_checkpoint", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publish(database)
    assert (folder / "tile/0/000.p/100").exists()  # `checkpoint` still is the one of 100 entries
    publish(database, whole=True)
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("tile/**/*") if path.is_file()) == [
        "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
    ]  # fmt: skip
