"""What is wrong with a file as a whole; the other files of the folder still load."""

from schemas.errors import MimamoriError


class FileRefusedError(MimamoriError):
    """A file cannot be read as its profile says. `code` for machines, `file` its name, the message what to do."""

    def __init__(self, code: str, file: str, text: str) -> None:
        self.code = code
        self.file = file
        super().__init__(f"{file}: {text}")


class NotApprovedError(MimamoriError):
    """No approval in force names a column of the feed."""

    exit_code = 3

    def __init__(self, feed: str, file: str) -> None:
        self.code = "FEED_NOT_APPROVED"
        self.file = file
        super().__init__(
            f"{file}: {feed} の項目を収集の対象とする、有効な承認がありません。"
            f"承認の「項目」に {feed}.列名 を加え、審議会に諮ってから取り込んでください。"
        )
