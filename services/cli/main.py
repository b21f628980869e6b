"""`mimamori`: the command line. Exit codes: 0 done, 1 failed, 2 usage, 3 refused by the gate, 4 held until a person decides."""

import sys
import traceback

import psycopg
import typer

from schemas.errors import MimamoriError, RefusedError
from services.cli.lazily import Commands
from services.cli.output import as_json, emit, say

app = typer.Typer(
    name="mimamori",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="子ども成長見守りシステム。どの命令にも --json を付けると、結果を一つの JSON として標準出力に書きます。\n\n"
    "終了コード: 0 完了、1 失敗、2 使い方の誤り、3 ゲートによる拒否、4 人の判断待ち。\n\n"
    "はじめに: mimamori up --demo → mimamori synth --out city → mimamori feed load city/feeds --profile demo --initial"
    " → mimamori link → mimamori judge --as-of 2026-08-31 → mimamori publish → mimamori queue list --as caseworker.pem",
)


@app.callback()
def mimamori() -> None:
    """Only the application's own words, which are above."""


def run() -> None:
    """Run one command and end the process with its exit code."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run one command; errors that users meet are shown without a traceback."""
    as_json.set("--json" in arguments)
    try:
        code = app([a for a in arguments if a != "--json"], prog_name="mimamori", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except MimamoriError as error:
        say(str(error))
        return _failed(error, str(error), error.exit_code)
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as error:
        say(f"{error.format_message()}\n使い方は mimamori 命令 --help で示します。")
        return _failed(error, error.format_message(), 2)
    except (typer.Abort, KeyboardInterrupt) as error:
        return _stopped(error, "中断しました。もう一度実行すると続きから行います。")
    except psycopg.OperationalError as error:
        return _stopped(error, "データベースとの接続が切れました。途中の処理は残りません。もう一度実行してください。")
    except OSError as error:
        place = error.filename or "ファイル"
        return _stopped(error, f"{place} を扱えません（{error.strerror}）。場所と空き容量と権限を確かめてください。")
    except Exception as error:  # noqa: BLE001  # the outermost frame: nothing is left to handle it
        for frame in traceback.extract_tb(error.__traceback__):
            say(f"  {frame.filename}:{frame.lineno} {frame.name}")
        # Never what it says: a message of the database can quote a row.
        return _stopped(
            error, f"予期しない誤り（{type(error).__name__}）で止まりました。上の場所を添えて開発者に知らせてください。"
        )


def _stopped(error: BaseException, message: str) -> int:
    say(message)
    return _failed(error, message, 1)


def _failed(error: BaseException, message: str, code: int) -> int:
    """With --json an error is the command's one document."""
    if as_json.get():
        conditions = error.conditions if isinstance(error, RefusedError) else []
        listed = [{"code": code, "text": text} for code, text in conditions]
        emit({"error": type(error).__name__, "message": message, "conditions": listed}, lambda: "")
    return code


if __name__ == "__main__":
    run()
