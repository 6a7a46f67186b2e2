"""Shares of things that can be counted: what whole number they ask for, and how much room that leaves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from difflib import SequenceMatcher

from bishui.documents.draft import Finding, PlanDraft, SectionTarget, Target
from bishui.documents.linting.figures import decimal
from bishui.documents.linting.report import finding, section
from bishui.documents.rulebook import pattern
from bishui.documents.text import squeeze
from bishui.i18n import Text


def needed_of(count: int, share: str) -> int | None:
    """Return how many of `count` are needed for a share in percent, rounded as it is written (GB/T 8170).

    None where even all of them do not reach it.
    """
    wanted = Decimal(share)
    for number in range(count + 1):
        if _share(number, count, share) >= wanted:
            return number
    return None


def _share(number: int, count: int, like: str) -> Decimal:
    """Return `number` of `count` in percent, to as many places as `like` has."""
    return (Decimal(100 * number) / count).quantize(Decimal(like), rounding=ROUND_HALF_EVEN)


def slack_of_sections(draft: PlanDraft) -> Iterator[Finding]:
    """A share of good sections against the number of sections and their own targets."""
    rule = section("shares")
    for target in draft.targets:
        hit = pattern(rule["sections"]).search(squeeze(target.indicator))
        if hit is None or target.unit != "%" or target.op not in {">=", "="}:
            continue
        levels = [
            level for level, words in rule["kinds"].items() if any(word in hit["kind"] for word in words)
        ]
        sections = [each for each in draft.section_targets if each.level in levels]
        if not sections:
            continue
        count = int(hit["count"])
        if len(sections) != count:
            message = Text(
                "正文写 {count} 个断面，附表中列出 {listed} 个。", count=count, listed=len(sections)
            )
            yield finding("section-count", message, (target.line, target.line))
        else:
            yield from _room(target, count, sum(_is_good(each) for each in sections))


def _room(target: Target, count: int, possible: int) -> Iterator[Finding]:
    """Compare the sections needed for a share with those whose own target is good."""
    needed = needed_of(count, target.value)
    if needed is None or possible > needed or needed == possible == count:
        return
    figures: dict[str, object] = {"value": target.value, "needed": needed, "possible": possible}
    lines = (target.line, target.line)
    if possible < needed:
        message = Text("{value}% 需要 {needed} 个断面优良，而按各自目标只有 {possible} 个。", **figures)
        yield finding("share-out-of-reach", message, lines)
    else:
        message = Text(
            "{value}% 正好需要 {needed} 个断面优良，按各自目标也只有 {possible} 个，没有余量。", **figures
        )
        yield finding("no-slack", message, lines)


def _is_good(target: SectionTarget) -> bool:
    return squeeze(target.target_class).removesuffix("类") in section("shares")["good"]


def slack_of_sources(draft: PlanDraft) -> Iterator[Finding]:
    """A share of sources that only all of them together can reach."""
    for target in draft.targets:
        hit = pattern(section("shares")["sources"]).search(squeeze(target.indicator))
        if hit is None or target.unit != "%" or Decimal(target.value) >= 100:
            continue
        count = sum(each.level == hit["level"] for each in draft.source_targets)
        if count and needed_of(count, target.value) == count:
            message = Text(
                "附表只有 {count} 个水源，少一个达标就只有 {below}%，要达到 {value}% 必须全部达标；"
                "或者比例不是按水源个数算的。",
                count=count,
                below=math.floor(100 * (count - 1) / count),
                value=target.value,
            )
            yield finding("no-slack", message, (target.line, target.line))


def no_whole_number(draft: PlanDraft) -> Iterator[Finding]:
    """A share of things counted in the same text that no whole number of them meets exactly."""
    for target in draft.targets:
        number = decimal(target.value)
        if target.unit != "%" or number is None or target.op not in {">=", "="} or not 0 < number < 100:
            continue
        count = _counted(target, draft)
        needed = needed_of(count, target.value) if count > 1 else None
        if needed and _share(needed, count, target.value) != number:
            message = Text(
                "{count} 个的 {value}% 不是整数：至少 {needed} 个（{reached}%），{less} 个只有 {short}%。",
                count=count,
                value=target.value,
                needed=needed,
                reached=_share(needed, count, "0.1"),
                less=needed - 1,
                short=_share(needed - 1, count, "0.1"),
            )
            yield finding("share-not-whole", message, (target.line, target.line))


def _counted(target: Target, draft: PlanDraft) -> int:
    """Return how many things the target's text counts whose name returns in the indicator, or 0."""
    if target.task is None:
        text = draft.source((target.line, target.line))
    else:
        text = draft.tasks[target.task].content
    indicator = squeeze(target.indicator)
    for hit in pattern(section("shares")["counted"]).finditer(squeeze(text)):
        noun = pattern(section("shares")["behind_name"]).sub("", hit["noun"])
        match = SequenceMatcher(None, noun, indicator, autojunk=False).find_longest_match()
        if match.size >= section("shares")["shared_name"] and match.a + match.size == len(noun):
            return int(hit["count"])
    return 0
