"""Tables of what permits oblige to, and of acts in an emergency."""

from models.disclosure import publish
from services.council.figures import Figures
from services.council.table import Table
from services.council.wording import REVIEWS, duty_title


def duties(figures: Figures) -> Table:
    """Duties by code. A duty is one of an approval and a quarter, whomever it is about: its count tells of no person."""
    return Table(
        "duties", "許可に伴う義務",
        ("許可した処理の後に果たすべき義務です。承認と四半期ごとに一つと数え、人数ではないため、件数は丸めていません。",
         "期日を過ぎた義務があると、同じ承認による次の処理はできません。審議会への報告は、その四半期の報告によって果たされます。"),
        ("義務", "符号", "この期間に生じたもの", "この期間に果たしたもの", "期末に期日を過ぎていたもの"),
        tuple((duty_title(code), code, *(f"{count}件" for count in counts)) for code, counts in figures.duties.items()),
    )  # fmt: skip


def emergencies(figures: Figures) -> Table:
    """Acts in an emergency by what became of their review; every row stands there always, so that none tells by being there."""
    return Table(
        "emergencies", "緊急時の行為とその確認",
        ("生命・身体・財産を守るために、一人の子どもについて、書面の理由により行ったものです。行為をした者とは別の職員が3日以内に確認します。",
         "0は、0件から4件のどれかです。確認されていないものがあると、同じ承認による次の緊急時の行為はできません。"),
        ("確認の結果", "件数"),
        tuple((label, publish(figures.emergencies.get(state, 0))) for state, label in REVIEWS.items()),
        (("合計", publish(sum(figures.emergencies.values()))),),
    )  # fmt: skip
