"""Why the log signs no further checkpoint: each is a contradiction that a person has to look at."""

from schemas.errors import MimamoriError


class LogError(MimamoriError):
    """ログに矛盾があります。署名を止めました。"""


class RolledBackError(LogError):
    """The database stands before a checkpoint that was published.

    published: size of that checkpoint; found: how far the database reaches
    """

    def __init__(self, *, published: int, found: int) -> None:
        self.published, self.found = published, found
        super().__init__(
            f"データベースが巻き戻されています。公開済みのチェックポイントは{published}件ですが、"
            f"データベースには{found}件までしかありません。署名しません。"
        )


class ForkError(LogError):
    """Two different trees of one size are under the log's name."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(
            f"大きさ{size}のチェックポイントが二通りあります（公開ファイルとデータベース）。署名しません。"
        )


class AlteredError(LogError):
    """Entries below a published checkpoint no longer give its tree.

    size:   of that checkpoint
    index:  the first entry whose hash differs from its tile; None where no tile is left to compare with
    """

    def __init__(self, *, size: int, index: int | None) -> None:
        self.size, self.index = size, index
        where = f"番号{index}の記録" if index is not None else "記録のどれか"
        super().__init__(f"{where}が、大きさ{size}のチェックポイントの後で書き換えられています。署名しません。")


class EntryMissingError(LogError):
    """An entry is missing below the head of the log."""

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__(f"番号{index}の記録がありません。署名しません。")


class TileConflictError(LogError):
    """A full tile lies in the public folder that these entries do not give."""

    def __init__(self, path: str) -> None:
        super().__init__(f"公開フォルダーの {path} が、今の記録から作ったものと異なります。署名しません。")


class CheckpointForgedError(LogError):
    """The database's last checkpoint is not one that the log signed."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"データベースにある大きさ{size}のチェックポイントに、ログの署名がありません。署名しません。")


class KeyLostError(LogError):
    """A key that is to sign is not in the home, or another is in its place."""

    def __init__(self, number: int, place: str) -> None:
        self.number = number
        super().__init__(
            f"ログの署名鍵（{number}番）が {place} にないか、別の鍵です。控えから戻してください。"
            "控えがなければ mimamori log rotate --lost で新しい鍵にし、新しい公開鍵を審議会に手渡してください。"
        )
