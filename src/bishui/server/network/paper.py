"""The notice list and the sheet for one river (一河一策一图) as a document, from what its page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _

from bishui.reports import (
    Bar,
    BarChart,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Note,
    Paragraph,
    Picture,
    Swatch,
    Table,
    to_docx,
)

if TYPE_CHECKING:
    from bishui.server.accounts.workspaces import Workspace

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_RIVER = "#1f6f8b"


def sheet(city: Workspace, told: Mapping[str, Any]) -> bytes:
    """Return the sheet as DOCX, in Chinese.

    Parameters
    ----------
    told
        What the page of the sheet shows, see `bishui.server.network.pages_spill`.
    """
    with translation.override("zh-hans"):
        document = Document(
            title=_("%(substance)s泄漏应急：一河一策一图") % {"substance": told["substance"]},
            issuer=city.name,
            signed_on=city.today,
            blocks=tuple(_blocks(city, told)),
            keywords=(_("突发推演"), city.name),
        )
        return to_docx(document)


def _blocks(city: Workspace, told: Mapping[str, Any]) -> Iterator[Block]:
    if city.fiction:
        yield Paragraph.of(_("虚构城市，仅供演示"))
    yield Paragraph.of(_("推演结果是预警和采样的线索，不是监测结果；到达前须以加密监测核实。"))
    yield Heading(1, _("一河"))
    yield Paragraph.of(f"{told['place']}。{told['version']}。")
    yield from (Paragraph.of(_fact(fact)) for fact in told["facts"])
    yield Heading(1, _("一策"))
    yield from _plan(told)
    yield Heading(1, _("一图"))
    yield from _picture(told["answer"].struck)
    yield Heading(1, _("推演依据"))
    yield _table(
        "basis",
        _("推演依据"),
        ((_("名称"), 2), (_("数值"), 1), (_("来源"), 3)),
        [(one["name"], one["value"], one["source"]) for one in told["assumptions"]],
    )


def _fact(fact: Mapping[str, Any]) -> str:
    said = fact["text"] if "text" in fact else f"{fact['moment']:%Y-%m-%d %H:%M}"
    note = f"（{fact['note']}）" if fact.get("note") else ""
    return f"{fact['label']}：{said}{note}"


def _plan(told: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading(2, _("通知名单"))
    heads = ((_("通知谁"), 2), (_("类别"), 1), (_("最迟（最早到达）"), 1), (_("影响至"), 1))
    yield _table(
        "notices",
        _("通知名单"),
        (*heads, (_("峰值上限（mg/L）"), 1), (_("要求"), 3)),
        [
            (
                one["name"],
                one["kind"],
                _moment(one["before"]),
                _moment(one["until"]),
                one["peak"],
                one["deed"],
            )
            for one in told["notices"]
        ],
        empty=_("下游没有断面和取水口。"),
    )
    if told["unsure"]:
        names = "、".join(told["unsure"])
        yield Note(_("位置没有核定、须另行核实：%(names)s") % {"names": names})
    yield Heading(2, _("可以拦截、稀释的地方"))
    controls = [_control(one) for one in told["controls"]]
    none = _("河网中没有湖库、渠道和汇流点；请按现场闸坝安排。")
    yield from (Paragraph.of(text) for text in controls or [none])
    yield Heading(2, _("先后次序"))
    for number, deed in enumerate(_deeds(), 1):
        yield Paragraph.of(f"{number}. {deed}")


def _deeds() -> tuple[str, ...]:
    """Return what is done one after the other, as the page has it."""
    return (
        _("切断泄漏源，在泄漏点下游设临时围堵。"),
        _("按名单在最早到达之前通知供水单位和下游区县。"),
        _("在首个断面每小时采样一次，实测到达时间和峰值后重新推演。"),
        _("浓度连续低于限值并经检测确认后，恢复取水，解除通知。"),
    )


def _control(one: Mapping[str, Any]) -> str:
    if one["what"] == "hold":
        return _("%(name)s：可蓄滞，研究关闸、调蓄") % {"name": one["name"]}
    return _("%(name)s上端：%(other)s汇入，来水稀释") % {"name": one["name"], "other": one["with"]}


def _picture(struck: Sequence[Any]) -> Iterator[Block]:
    shown = sorted((entry for entry in struck if entry.km is not None), key=lambda entry: entry.km)
    if not shown:
        yield Paragraph.of(_("下游没有断面和取水口。"))
        return
    bars = tuple(
        Bar(
            f"{entry.placed.thing.name} {_moment(entry.moments('arrival')[1])}", (Decimal(f"{entry.km:.1f}"),)
        )
        for entry in shown
    )
    caption = _("泄漏点以下各处的距离（km）和可能到达时间")
    said = "；".join(f"{bar.label} {bar.parts[0]} km" for bar in bars)
    yield Picture("way", caption, BarChart((Swatch(_("距离"), _RIVER),), bars, "km"), said)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%m-%d %H:%M}" if moment is not None else "—"


def _table(
    label: str,
    caption: str,
    heads: Sequence[tuple[str, float]],
    rows: Sequence[Sequence[Any]],
    empty: str = "—",
) -> Table:
    cells = tuple(tuple(Cell(str(text)) for text in row) for row in rows)
    return Table(label, caption, tuple(Column(head, width) for head, width in heads), cells, empty=empty)
