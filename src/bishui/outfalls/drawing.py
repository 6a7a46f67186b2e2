"""The random draw of outfalls and inspectors (双随机), repeatable by anybody with SHA-256 alone.

The list is frozen and hashed, and the hash is published, before the public random number is known; from both
follows the seed, and from the seed each place in the order. Nothing is left to a generator of random numbers.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from bishui.errors import CallError, DataError
from bishui.i18n import Text

ALGORITHM = "bishui-draw-v1"


@cache
def draw_rule() -> Mapping[str, Any]:
    """Return the rule of the draw: percentage, draws a year, inspectors a visit, with their source."""
    return tomllib.loads((files("bishui.outfalls") / "data" / "draw.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Commitment:
    """What is published before the public random number is known (承诺).

    Attributes
    ----------
    draw_id
        Name of the draw, one for each division and half-year.
    ids
        Codes of the outfalls that may be drawn, in order of their characters.
    percent
        Least share to be drawn, in whole per cent.
    """

    draw_id: str
    ids: tuple[str, ...]
    percent: int

    @property
    def count(self) -> int:
        """How many are drawn: the share of the list, rounded up."""
        return (self.percent * len(self.ids) + 99) // 100

    @property
    def list_hash(self) -> str:
        """SHA-256 of the list, one code a line, each line ended."""
        return _sha256("".join(f"{one}\n" for one in self.ids))

    def as_dict(self) -> dict[str, Any]:
        """Return what is published."""
        return {
            "algorithm": ALGORITHM,
            "draw_id": self.draw_id,
            "size": len(self.ids),
            "percent": self.percent,
            "count": self.count,
            "list_hash": self.list_hash,
        }


def commit(draw_id: str, ids: Iterable[str], percent: int | None = None) -> Commitment:
    """Freeze the list of a draw.

    Raises
    ------
    DataError
        If a code stands in the list twice.
    CallError
        If the name of the draw is empty or holds a bar, or the share is not from the rule's to 100 per cent.
    """
    least = int(draw_rule()["percent"])
    share = least if percent is None else percent
    if not draw_id or "|" in draw_id:
        raise CallError(Text("抽取编号不能为空，也不能含“|”。"), remedy=Text("例如 450222-2024H2。"))
    if not least <= share <= 100:
        raise CallError(
            Text("抽取比例 {share}% 不可用。", share=share),
            remedy=Text("比例不得低于 {least}%，不得高于 100%。", least=least),
        )
    listed = sorted(ids)
    repeated = sorted({one for one, following in pairwise(listed) if one == following})
    if repeated:
        raise DataError(
            Text("名单中有重复的编码：{codes}。", codes="、".join(repeated)),
            remedy=Text("每个排污口只列一次。"),
        )
    return Commitment(draw_id, tuple(listed), share)


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw that was carried out: the seed, and all outfalls in the order of their scores.

    The first `commitment.count` are drawn; the rest is the reserve, in the order in which it steps in.
    """

    commitment: Commitment
    public_random: str
    seed: str
    order: tuple[str, ...]

    @property
    def drawn(self) -> tuple[str, ...]:
        """The outfalls drawn, in the order of the draw."""
        return self.order[: self.commitment.count]

    @property
    def reserve(self) -> tuple[str, ...]:
        """The others, in the order in which one steps in for a drawn one that is gone."""
        return self.order[self.commitment.count :]

    def as_dict(self) -> dict[str, Any]:
        """Return what is published after the visits."""
        return self.commitment.as_dict() | {
            "public_random": self.public_random,
            "seed": self.seed,
            "drawn": list(self.drawn),
            "reserve": list(self.reserve),
        }


def draw(commitment: Commitment, public_random: str) -> Draw:
    """Carry out a draw with a public random number, taken exactly as it was published.

    Raises
    ------
    CallError
        If the number is empty.
    """
    if not public_random.strip():
        raise CallError(
            Text("没有公开随机数。"),
            remedy=Text("请照公布的原样填写事先约定的公开随机数，如某期彩票的开奖号码。"),
        )
    seed = _sha256(f"{ALGORITHM}|{commitment.draw_id}|{commitment.list_hash}|{public_random}")
    order = sorted(commitment.ids, key=lambda one: (_sha256(f"{seed}|{one}"), one))
    return Draw(commitment, public_random, seed, tuple(order))


def pair_inspectors(
    drawn: Draw, inspectors: Sequence[str], recused: Collection[tuple[str, str]] = ()
) -> dict[str, tuple[str, ...]]:
    """Return the inspectors of each outfall drawn, in the order of the draw.

    Parameters
    ----------
    drawn
        The draw.
    inspectors
        Names of those who may be sent.
    recused
        Pairs of outfall and inspector that must not meet (回避); never overruled.

    Raises
    ------
    DataError
        If fewer inspectors than the rule asks for may visit an outfall; it names the outfall.
    """
    least = int(draw_rule()["inspectors"])
    people = list(dict.fromkeys(inspectors))
    most = -(-least * len(drawn.drawn) // len(people)) if people else 0
    tasks = dict.fromkeys(people, 0)
    pairs: dict[str, tuple[str, ...]] = {}
    for outfall in drawn.drawn:
        free = [one for one in people if (outfall, one) not in recused]
        if len(free) < least:
            raise DataError(
                Text("“{outfall}”可派的检查人员不足 {least} 名。", outfall=outfall, least=least),
                remedy=Text("请增加检查人员，回避关系不能放宽。"),
            )
        free.sort(key=lambda one, at=outfall: (_sha256(f"{drawn.seed}|inspector|{at}|{one}"), one))  # type: ignore[misc]
        light = [one for one in free if tasks[one] < most]
        chosen = (light if len(light) >= least else free)[:least]
        pairs[outfall] = tuple(chosen)
        for one in chosen:
            tasks[one] += 1
    return pairs


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
