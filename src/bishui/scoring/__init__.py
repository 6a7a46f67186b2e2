"""How well a duty was done: scoring rules as data, scores that open to their parts, ranks, what moves them.

A rubric (考核评分办法) is a data file; facts about a unit or a division come in as plain numbers with their
source. Nothing here counts tasks, judges water or knows who is scored.
"""

from bishui.scoring.facts import Fact, FactKind, fact_kinds
from bishui.scoring.ranking import Move, Rank, lists, moves, ranks
from bishui.scoring.rubric import Lists, Rubric, Rule, find_rubric, rubric_of, rubrics
from bishui.scoring.score import ItemScore, Score, score

__all__ = [
    "Fact",
    "FactKind",
    "ItemScore",
    "Lists",
    "Move",
    "Rank",
    "Rubric",
    "Rule",
    "Score",
    "fact_kinds",
    "find_rubric",
    "lists",
    "moves",
    "ranks",
    "rubric_of",
    "rubrics",
    "score",
]
