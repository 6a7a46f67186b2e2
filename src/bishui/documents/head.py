"""What the document says of itself: title, region, year, issuer, numbers."""

from __future__ import annotations

import re

from bishui.documents.blocks import Paragraph
from bishui.documents.coverage import Coverage
from bishui.documents.draft import DocumentHead
from bishui.documents.layout import Layout, caption
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import close_gaps, squeeze

_DATE = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2})日")
_IN_BRACKETS = re.compile(r"[（(].*")


def read_head(file: str, layout: Layout, full_text: str, coverage: Coverage) -> DocumentHead:
    """Read the head of a document from its first lines and its signature."""
    title = _title(layout.head, coverage) or _title_elsewhere(layout)
    issuers, dates, number = _rest_of_head(layout, coverage)
    region, level = _region(squeeze(title))
    period = _period(squeeze(title))
    numbers = pattern(rules("document")["head"]["document_number"]).findall(squeeze(full_text))
    return DocumentHead(
        file=file,
        kind=_kind(squeeze(title)),
        title=title,
        region=region,
        region_level=level,
        year=_year(squeeze(title), period, squeeze(full_text)),
        period=period,
        issuer=issuers[0] if issuers else "",
        issued=_iso(dates[0]) if dates else None,
        document_number=number,
        basis_doc_nos=tuple(dict.fromkeys(_own_name(each) for each in numbers if each != number)),
        annexes=tuple(layout.annexes) or tuple(part.name for part in layout.parts if part.annex),
    )


def _title(head: list[Paragraph], coverage: Coverage) -> str:
    """Return the title: the first line with a word for a plan.

    A period in brackets on the line after it belongs to it; so does the line before, when the title was
    broken over two lines and that one begins with a place's name.
    """
    rule = rules("document")["head"]
    for index, block in enumerate(head):
        squeezed = squeeze(block.text)
        if caption(block.text) or pattern(rule["document_number"]).fullmatch(squeezed):
            continue
        if not any(word in squeezed for word in rule["title_words"]):
            continue
        title = close_gaps(block.text)
        coverage.mark(block.at, "title")
        if index and not pattern(rule["region"]).match(squeezed) and _begins_title(head[index - 1]):
            title = close_gaps(head[index - 1].text) + title
            coverage.mark(head[index - 1].at, "title")
        if index + 1 < len(head) and squeeze(head[index + 1].text).startswith(("（", "(")):
            title += close_gaps(head[index + 1].text)
            coverage.mark(head[index + 1].at, "title")
        return _bare_title(title)
    return ""


def _bare_title(title: str) -> str:
    """Take 关于印发……的通知 and the title marks off a title."""
    rule = rules("document")["head"]
    for tail in rule["title_tails"]:
        if title.endswith(tail):
            title = pattern(rule["title_head"]).sub("", title.removesuffix(tail))
    return title[1:-1] if title.startswith("《") and title.endswith("》") else title


def _begins_title(block: Paragraph) -> bool:
    """Tell whether a line is the first part of a title: it begins with a place and is nothing else."""
    rule = rules("document")["head"]
    squeezed = squeeze(block.text)
    own_kind = (rule["issuer"], rule["document_number"], rule["imprint"])
    return bool(pattern(rule["region"]).match(squeezed)) and not any(
        pattern(each).fullmatch(squeezed) for each in own_kind
    )


def _title_elsewhere(layout: Layout) -> str:
    """Return the title of a document without a title page: it begins a paragraph, or is an annex's name."""
    words = rules("document")["head"]["title_words"]
    for passage in layout.passages:
        match = re.match(r"《([^《》]{6,60})》", passage.text)
        if match and any(word in match[1] for word in words):
            return match[1]
    return next((part.name for part in layout.parts if part.name), "")


def _rest_of_head(layout: Layout, coverage: Coverage) -> tuple[list[str], list[str], str | None]:
    rule = rules("document")["head"]
    issuers, dates = list(layout.issuers), list(layout.dates)
    number = None
    for block in layout.head:
        squeezed = squeeze(block.text)
        if coverage.knows(block.at):
            continue
        if pattern(rule["document_number"]).fullmatch(squeezed):
            number = number or squeezed
            coverage.mark(block.at, "document number")
        elif _DATE.fullmatch(squeezed):
            dates.append(squeezed)
            coverage.mark(block.at, "date of issue")
        elif pattern(rule["issuer"]).fullmatch(squeezed):
            issuers.append(squeezed)
            coverage.mark(block.at, "issuer")
        elif caption(block.text) or pattern(rule["imprint"]).fullmatch(squeezed):
            coverage.mark(block.at, "ignored: mark above the title")
        else:
            _labelled(block, squeezed, issuers, dates, coverage)
    return issuers, dates, number


def _labelled(
    block: Paragraph, squeezed: str, issuers: list[str], dates: list[str], coverage: Coverage
) -> None:
    """Read a line such as 发布机关：…… or 印发日期：……; any other line of the head is text."""
    label, colon, value = squeezed.replace(":", "：").partition("：")
    date = _DATE.search(squeezed)
    if colon and value and re.search("机关|单位|机构|部门", label):
        issuers.append(value)
        coverage.mark(block.at, "issuer")
    elif date and len(squeezed) <= 30:
        dates.append(date.group())
        body = _IN_BRACKETS.sub("", squeezed[: date.start()])
        if pattern(rules("document")["head"]["issuer"]).fullmatch(body):
            issuers.append(body)
        coverage.mark(block.at, "date of issue")
    else:
        coverage.mark(block.at, "text")


def _iso(date: str) -> str | None:
    match = _DATE.search(date)
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}" if match else None


def _own_name(number: str) -> str:
    """Cut off words before the number's own letters (根据桂环发〔2024〕16号 keeps 桂环发)."""
    return re.sub("^.*?(?:通知|方案|计划|规划|根据|按照|依据|意见|函)", "", number)


def _kind(title: str) -> str:
    for entry in rules("document")["head"]["kinds"]:
        if pattern(entry["pattern"]).search(title):
            return str(entry["kind"])
    return "plan"


def _region(title: str) -> tuple[str, str]:
    """Return the place a title begins with, and its level.

    A second place that follows at once belongs to it when a year or a subject stands after it.
    """
    rule = rules("document")["head"]
    title = re.sub(r"^20\d\d年度?", "", title)
    match = pattern(rule["region"]).match(title)
    if match is None:
        return "", ""
    region = match.group()
    longer = re.match(rule["region"] + rule["after_region"], title[len(region) :])
    if longer:
        region += longer.group()
    for level, suffixes in rule["levels"].items():
        if region.endswith(tuple(suffixes)):
            return region, level
    return region, ""


def _period(title: str) -> tuple[int, int] | None:
    rule = rules("document")["head"]
    match = pattern(rule["period"]).search(title)
    if match:
        return int(match[1]), int(match[2])
    for name, (first, last) in rule["five_year"].items():
        if name in title:
            return int(first), int(last)
    return None


def _year(title: str, period: tuple[int, int] | None, text: str) -> int | None:
    """Return the plan's year: of its title, else its period's first, else the first year in the text."""
    match = re.search(r"20\d\d", title)
    if match:
        return int(match.group())
    if period:
        return period[0]
    match = re.search(r"20\d\d(?=年)", text)
    return int(match.group()) if match else None
