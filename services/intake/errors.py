"""What is wrong with a file as a whole; the other files of the folder still load."""

from schemas.errors import MimamoriError


class FileRefusedError(MimamoriError):
    """A file cannot be read as its profile says. `code` for machines, `file` its name, the message what to do."""

    def __init__(self, code: str, file: str, text: str) -> None:
        self.code = code
        self.file = file
        super().__init__(f"{file}: {text}")
