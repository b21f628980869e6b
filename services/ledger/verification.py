"""What the verification of an exported log gives back."""

from dataclasses import dataclass, field
from typing import Any

from models.tlog.checkpoint import Checkpoint
from services.ledger.fault import Fault
from services.ledger.keys import PublicKey

TEXTS = {
    "CHECKPOINT_UNREADABLE": "チェックポイントを読めません。",
    "CHECKPOINT_SIGNATURE": "チェックポイントに、信頼する鍵の正しい署名がありません。",
    "ENTRY_ALTERED": "記録が書き換えられています（木にある照合値と合いません）。",
    "TILE_ALTERED": "タイルが書き換えられています（記録と合いません）。",
    "TILE_MISSING": "ファイルがないか、読めません。",
    "TRUNCATED": "ファイルが途中で切れています。",
    "ROOT_DIFFERS": "記録から作った木が、チェックポイントの木ではありません。",
    "PROOF_UNREADABLE": "証明（C2SP tlog-proof）として読めません。",
    "PROOF_DIFFERS": "証明の記録は、署名された木のその番号の記録ではありません。",
    "ENTRY_ABSENT": "証明に、記録そのもの（extra）がありません。",
    "COSIGNATURE_MISSING": "証人の正しい副署がありません。",
    "NOT_AN_EXTENSION": "以前のチェックポイントの続きになっていません。",
    "CLOCK_SET_BACK": "日付が前の記録より戻っています。",
}


@dataclass
class Verification:
    """What a folder's files say of it.

    checkpoint: as the folder claims it; None where it has none that can be read
    keys:       whom it was verified by, oldest first
    errors:     contradictions, ordered by index
    warnings:   what a person should look at although the tree is sound
    entry:      index of the one entry that a proof file is about; None for a folder
    cosigned:   the newest checkpoint beside it that witnesses cosigned; None where there is none
    """

    keys: list[PublicKey]
    checkpoint: Checkpoint | None = None
    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    entry: int | None = None
    cosigned: Checkpoint | None = None

    @property
    def ok(self) -> bool:
        """Nothing contradicts."""
        return not self.errors

    def error(self, kind: str, index: int | None = None, file: str | None = None, *, text: str | None = None) -> None:
        """Keep one contradiction. file: by its path in the folder, where it is about one; text: what says more than the kind."""
        self.errors.append(Fault(kind, text or TEXTS[kind], index=index, id=file))

    def warn(self, kind: str, index: int) -> None:
        """Keep one thing to look at."""
        self.warnings.append(Fault(kind, TEXTS[kind], index=index))

    def json(self) -> dict[str, Any]:
        """As the command line prints it; root: hexadecimal."""
        claimed = self.checkpoint
        entry = {} if self.entry is None else {"index": self.entry}
        cosigned = {} if self.cosigned is None else {"cosigned": self.cosigned.size}
        return (
            entry
            | cosigned
            | {
                "ok": self.ok,
                "size": None if claimed is None else claimed.size,
                "root": None if claimed is None else claimed.root.hex(),
                "errors": [{"index": fault.index} | fault.json() for fault in self.errors],
                "warnings": [{"index": fault.index} | fault.json() for fault in self.warnings],
            }
        )
