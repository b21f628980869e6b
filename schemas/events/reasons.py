"""Why an event is a dead letter, as a code and as what the sending department reads."""

from enum import StrEnum


class Reason(StrEnum):
    """Codes of bus.dead_letter."""

    TOO_LARGE = "TOO_LARGE"
    NOT_JSON = "NOT_JSON"
    NOT_AN_EVENT = "NOT_AN_EVENT"
    UNKNOWN_TYPE = "UNKNOWN_TYPE"
    UNKNOWN_VERSION = "UNKNOWN_VERSION"
    NOT_OF_TOPIC = "NOT_OF_TOPIC"
    NOT_A_ROW = "NOT_A_ROW"
    EXTRA_COLUMN = "EXTRA_COLUMN"
    INDIVIDUAL_NUMBER = "INDIVIDUAL_NUMBER"
    WRONG_KEY = "WRONG_KEY"
    CLOCK_AHEAD = "CLOCK_AHEAD"
    ID_REUSED = "ID_REUSED"
    FAULT = "FAULT"


MEND = {
    Reason.TOO_LARGE: "1 MiB を超えています。一つの出来事に一行だけを入れて送り直してください",
    Reason.NOT_JSON: "UTF-8 の JSON として読めません。送り出す側の形式を確かめてください",
    Reason.NOT_AN_EVENT: "CloudEvents 1.0（structured）の形ではありません。必要な属性と値を確かめてください",
    Reason.UNKNOWN_TYPE: "知らない種類（type）の出来事です。type の名前を確かめてください",
    Reason.UNKNOWN_VERSION: "この版の形式は受け取れません。type と dataschema の版を確かめてください",
    Reason.NOT_OF_TOPIC: "このトピックでは受け取れない種類です。送り先のトピックを確かめてください",
    Reason.NOT_A_ROW: "data が契約の一行（文字列か null だけの一段の JSON）ではありません",
    Reason.EXTRA_COLUMN: "契約にない列があります。列を除くか、契約の版を確かめてください",
    Reason.INDIVIDUAL_NUMBER: "個人番号（マイナンバー）の列は受け取れません。その列を除いて送り直してください",
    Reason.WRONG_KEY: "メッセージのキーが source_record_id と同じではありません。キーを合わせて送り直してください",
    Reason.CLOCK_AHEAD: "出来事の時刻（time）が未来です。送り出す側の時計を確かめてください",
    Reason.ID_REUSED: "同じ source と id で、内容の違う出来事を受け取り済みです。新しい id で送り直してください",
    Reason.FAULT: "受け入れる側の誤りで止まったため、よけてあります。開発者に知らせ、直った後に mimamori bus replay を実行してください",
}


class NotTakenError(ValueError):
    """An event that cannot be taken in. detail: name of an attribute or column of the contract, never a value; None = none."""

    def __init__(self, reason: Reason, detail: str | None = None) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(reason if detail is None else f"{reason} {detail}")
