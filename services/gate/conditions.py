"""Sentences for condition codes that only the second opinion or an error gives; the first opinion brings its own."""

SENTENCES = {
    "ROLE_NOT_ALLOWED": "この処理を行うデータベースの役割ではありません",
    "RUN_NOT_OFFICIAL": "試算の判定、または二人の解除を受けていない保留中の判定は公表できません",
    "RULE_SET_OF_OTHER_RUN": "判定に用いたルールセットと異なるルールセットによる公表はできません",
    "EVENT_NOT_JUDGED": "この処理で判定された速報ではないため公表できません",
    "EVENT_NOT_URGENT": "その番号についての通告ではないため、未連結の通告として掲載できません",
    "LOG_HALTED": "ログに矛盾が見つかり、署名が止まっています。mimamori log checkpoint が理由と直し方を示します",
    "FIRST_OPINION": "判定の結果が示されていません",
    "ERROR_AFTER_PERMIT": "許可の後に処理が失敗したため、取り消しました",
}


def sentence(code: str) -> str:
    """The sentence of a code, in Japanese; what only the database found is said to be so."""
    return SENTENCES.get(code, f"データベースの確認で満たされない条件があります（{code}）")
