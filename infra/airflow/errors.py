"""Why a passage of the chain ended early: each error names the file that says more."""

from pathlib import Path


class PassageError(Exception):
    """A passage did not come to its end. log: the file whose end says why; None where no single file does."""

    log: Path | None = None


class AlreadyRunningError(PassageError):
    """Another passage is going on in this home; wait for its end, or stop it."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class MigrationFailedError(PassageError):
    """Airflow could not make the tables of its own database."""

    def __init__(self, log: Path) -> None:
        super().__init__("`airflow db migrate` failed")
        self.log = log


class ComponentDiedError(PassageError):
    """One of Airflow's processes ended by itself."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"Airflow's {name} ended by itself")
        self.log = log


class WaitedTooLongError(PassageError):
    """The deadline came before what was waited for."""

    def __init__(self, waiting_for: str) -> None:
        super().__init__(f"gave up waiting for {waiting_for}")


class RunFailedError(PassageError):
    """A run failed. log: of the task that failed; None where none got as far as a log."""

    def __init__(self, dag: str, log: Path | None) -> None:
        super().__init__(f"{dag} failed")
        self.log = log


class ApiRefusedError(PassageError):
    """Airflow's API does not take a call."""

    def __init__(self, path: str, answer: str) -> None:
        super().__init__(f"Airflow refused {path}: {answer}")


class ApiUnavailableError(PassageError):
    """Airflow's API gives no answer; it may a moment later."""

    def __init__(self, path: str) -> None:
        super().__init__(f"Airflow does not answer at {path}")
