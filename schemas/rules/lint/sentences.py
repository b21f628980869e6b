"""Sentences without a reason, reasons without a sentence, and parameters that a reason does not carry."""

import string
from collections.abc import Iterator

from schemas.rules.lint.finding import Document, Finding, table_at
from schemas.rules.names import TEMPLATE_PARAMETERS


def check_sentences(document: Document) -> Iterator[Finding]:
    """Every reason code has a sentence, and each sentence can be filled."""
    sentences = table_at(document, "sentences")
    for key in TEMPLATE_PARAMETERS if sentences else ():
        if key not in sentences:
            yield Finding(f"sentences.{key}", "TEMPLATE_MISSING", "理由コードに文がありません", "文を書いてください")
    for key, template in sentences.items():
        where = f"sentences.{key}"
        if key not in TEMPLATE_PARAMETERS:
            yield Finding(where, "CODE_UNKNOWN", "知らない理由コードです", "削るか、綴りを直してください")
        elif isinstance(template, str):
            yield from _template(where, template, TEMPLATE_PARAMETERS[key])


def _template(where: str, template: str, parameters: frozenset[str]) -> Iterator[Finding]:
    """A format or a conversion on a parameter is refused: it would render unlike the others."""
    try:
        fields = [(name, spec or conversion) for _, name, spec, conversion in string.Formatter().parse(template)]
    except ValueError:
        yield Finding(where, "TEMPLATE_BRACES", "括弧 { } が合いません", "{day} のように書いてください")
        return
    known = "・".join(f"{{{name}}}" for name in sorted(parameters)) or "なし"
    for name, form in fields:
        if name is not None and name not in parameters:
            text = f"パラメーター {{{name}}} はこの理由にありません"
            yield Finding(where, "PARAMETER_UNKNOWN", text, f"使えるもの: {known}")
        elif form:
            yield Finding(where, "PARAMETER_FORMAT", f"{{{name}}} に書式は付けられません", f"{{{name}}} としてください")
