"""How well a text fits a column: a score for each grammar. Greater is better; none is certain alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from bishui.documents.deadlines import find
from bishui.documents.names import split_units
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import Compact, squeeze

_ANY_YEAR = 2000


def grammar_of(role: str) -> str:
    """Return the grammar of the column of a role."""
    return str(rules("rebuilding")["grammar"].get(role, "name"))


@lru_cache(maxsize=16_384)
def score(grammar: str, text: str) -> float:
    """Return how well a text without white space fits a grammar."""
    if grammar not in {"sentences", "phrase"} and _says_nothing(text):
        return _weight("nothing_written")
    return _SCORES[grammar](text)


def _weight(name: str) -> float:
    return float(rules("rebuilding")["weights"][name])


def _says_nothing(text: str) -> bool:
    return bool(pattern(rules("rebuilding")["none"]["pattern"]).fullmatch(text))


def _phrase(text: str) -> float:
    rule = rules("rebuilding")["phrase"]
    if len(text) > rule["longest"] or pattern(rule["never"]).search(text):
        return _weight("impossible")
    value = _weight("phrase")
    if len(text) > rule["usual"] or len(text) < 2 or pattern(rule["seldom"]).search(text):
        value += _weight("unlikely")
    if pattern(rule["not_at_begin"]).search(text) or text.isdigit():
        value += _weight("unlikely")
    return value + _opened(text)


def _sentences(text: str) -> float:
    rule = rules("rebuilding")["sentences"]
    ends = bool(pattern(rule["ends"]).search(text))
    value = _weight("sentence_end") if ends else _weight("no_sentence_end")
    if pattern(rule["not_at_begin"]).search(text):
        value += _weight("unlikely")
    if len(text) < rule["shortest"]:
        value += _weight("unlikely")
    return value + _opened(text)


def _opened(text: str) -> float:
    """Return what an unbalanced bracket costs: a cell that ends within one was cut too early."""
    opened = sum(text.count(each) for each in "（《“")
    closed = sum(text.count(each) for each in "）》”")
    return 0.0 if opened == closed else _weight("unlikely")


def _units(text: str) -> float:
    names = names_of(text)
    if not names:
        return _weight("impossible")
    value = sum(name_score(name) for name in names)
    if text[-1] in rules("units")["split"]["separators"]:
        value += _weight("open_list")
    if text[0] in rules("units")["split"]["separators"]:
        value += _weight("impossible")
    return value + _opened(text)


@lru_cache(maxsize=16_384)
def names_of(text: str) -> tuple[str, ...]:
    """Return the names of bodies in a cell, as the reader will split them."""
    return split_units(text).units


@lru_cache(maxsize=16_384)
def name_score(name: str) -> float:
    """Return how well a text fits the name of one body."""
    rule = rules("rebuilding")["units"]
    if not rule["shortest"] <= len(name) <= rule["longest"] or pattern(rule["not_a_name"]).search(name):
        return 2 * _weight("no_name")
    if not pattern(rule["ending"] + "(?:[（(].*[）)])?$").search(name):
        return _weight("no_name")
    if pattern(rule["inner"]).search(name):
        return _weight("two_names")
    return _weight("name")


def kind_of_name(name: str) -> str:
    """Return whether a body is of a territory, a department, or named collectively (…单位)."""
    rule = rules("rebuilding")["units"]
    if pattern(rule["collective"]).search(name):
        return "collective"
    return "territory" if pattern(rule["territory"]).search(name) else "department"


def _deadline(text: str) -> float:
    rule = rules("rebuilding")["deadline"]
    if len(text) > rule["longest"] or pattern(rule["not_at_begin"]).search(text):
        return 2 * _weight("no_deadline")
    found = [each for each in find(Compact.of(text), _ANY_YEAR, in_cell=True) if each.norm]
    covered = sum(each.end - each.start for each in found)
    if found and covered == len(text):
        return _weight("deadline")
    if pattern(rule["words"]).fullmatch(text):
        return _weight("deadline_words")
    return _weight("no_deadline") + (_weight("deadline") * covered / len(text))


def _of_pattern(grammar: str) -> Callable[[str], float]:
    def fits(text: str) -> float:
        fitting = pattern(rules("rebuilding")[grammar]["pattern"]).fullmatch(text)
        return _weight("fitting") if fitting else _weight("unfitting")

    return fits


def _name(text: str) -> float:
    return _weight("plain") + _opened(text) + (_weight("unlikely") if text[0] in "，。；：、）" else 0.0)


_SCORES: dict[str, Callable[[str], float]] = {
    "phrase": _phrase,
    "sentences": _sentences,
    "units": _units,
    "deadline": _deadline,
    "name": _name,
    **{
        each: _of_pattern(each)
        for each in ("number", "degrees", "class", "division", "status", "kind", "level")
    },
}


def compact(text: str) -> str:
    """Return a text as it is scored."""
    return squeeze(text)
