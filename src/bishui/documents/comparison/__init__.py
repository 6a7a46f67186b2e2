"""Two plans side by side: what is kept, changed, added, dropped, strengthened or weakened.

Here live the pairing of records by their content and the judgement of each pair; every entry points to the
lines of both plans. Nothing here reads a document.
"""

from bishui.documents.comparison.comparing import compare
from bishui.documents.comparison.result import (
    VERDICTS,
    Change,
    Comparison,
    Entry,
    Mention,
    Relation,
    Span,
    Verdict,
)
from bishui.documents.comparison.words import field_word, kind_word, relation_sentence, verdict_word

__all__ = [
    "VERDICTS",
    "Change",
    "Comparison",
    "Entry",
    "Mention",
    "Relation",
    "Span",
    "Verdict",
    "compare",
    "field_word",
    "kind_word",
    "relation_sentence",
    "verdict_word",
]
