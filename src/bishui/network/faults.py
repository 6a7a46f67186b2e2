"""What can be wrong with a network (河网有误): one fault each, with the reaches it names and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from bishui.errors import DataError, Problem
from bishui.i18n import Text

#: How many names a sentence holds; a fault itself holds them all.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Fault(Problem):
    """A problem of a network; `reaches` are the names it is about, in flow order where there is one."""

    reaches: tuple[str, ...] = ()


class NetworkFault(DataError):
    """The network, its loads or its sections are wrong; `problems` say each where and what to do."""

    code = "network"

    def __init__(self, faults: Sequence[Problem]) -> None:
        first = faults[0]
        what = first.what
        if len(faults) > 1:
            what = Text("河网数据有 {count} 处错误，第一处：{first}", count=len(faults), first=first.what)
        super().__init__(what, remedy=first.remedy, problems=faults)


def refuse(faults: Sequence[Problem]) -> None:
    """Raise what was found, if anything was."""
    if faults:
        raise NetworkFault(faults)


def joined(names: Sequence[str], mark: str = "、") -> str:
    """Return names in one line, the first of them where there are many."""
    text = mark.join(names[:SHOWN])
    return text if len(names) <= SHOWN else f"{text}{mark}…（{len(names)}）"


def cycle(names: Sequence[str]) -> Fault:
    """Several reaches flow into one another in a ring."""
    return Fault(
        "cycle",
        Text("河段首尾相接成环：{names}。", names=joined([*names, names[0]], " → ")),
        Text(
            "请核对流向，断开其中一条上下游关系；确有往复流（感潮、闸控）的，请把河网截断在往复流河段的上端，"
            "其下不在此计算。"
        ),
        raw=">".join(names),
        reaches=tuple(names),
    )


def self_loop(name: str) -> Fault:
    """A reach flows into itself."""
    return Fault(
        "self-loop",
        Text("河段“{name}”流入自身。", name=name),
        Text("请改为正确的下游河段；出口河段请留空。"),
        raw=f"{name}>{name}",
        reaches=(name,),
    )


def unknown_downstream(name: str, target: str) -> Fault:
    """A reach flows into one that is not there."""
    return Fault(
        "unknown-downstream",
        Text("河段“{name}”的下游“{target}”不在河段表中。", name=name, target=target),
        Text("请补上该河段，或改正编号；出口河段请留空。"),
        raw=f"{name}>{target}",
        reaches=(name, target),
    )


def unknown_upstream(name: str, target: str) -> Fault:
    """An edge begins at a reach that is not there."""
    return Fault(
        "unknown-upstream",
        Text("上下游关系的起点“{name}”不在河段表中（下游“{target}”）。", name=name, target=target),
        Text("请补上该河段，或删去这条关系。"),
        raw=f"{name}>{target}",
        reaches=(name, target),
    )


def duplicate_edge(name: str, target: str) -> Fault:
    """The same two reaches are joined twice."""
    return Fault(
        "duplicate-edge",
        Text("上下游关系“{name} → {target}”重复。", name=name, target=target),
        Text("请只留一条；若是两条并行水道，请各立河段。"),
        raw=f"{name}>{target}",
        reaches=(name, target),
    )


def split_sum(name: str, total: float) -> Fault:
    """The shares that leave a reach do not sum to one."""
    return Fault(
        "split",
        Text("河段“{name}”各去向的分流比之和为 {total}，应为 1。", name=name, total=f"{total:.12g}"),
        Text("请核对分流比；如确认比例无误，可在导入时选择“按比例归一”。"),
        raw=f"{total:.12g}",
        reaches=(name,),
    )


def split_value(name: str, target: str, share: float) -> Fault:
    """A share is negative, above one, or no number."""
    return Fault(
        "split",
        Text(
            "河段“{name}”流向“{target}”的分流比为 {share}，应在 0 与 1 之间。",
            name=name,
            target=target,
            share=f"{share:.12g}",
        ),
        Text("反向水流请改写为相反的上下游关系，不能用负的分流比。"),
        raw=f"{share:.12g}",
        reaches=(name, target),
    )


def duplicate_id(name: str, count: int) -> Fault:
    """Several reaches bear one name."""
    return Fault(
        "duplicate-id",
        Text("河段编号“{name}”出现 {count} 次。", name=name, count=count),
        Text("请为每个河段给出唯一编号。"),
        raw=name,
        reaches=(name,),
    )


def empty() -> Fault:
    """There is no reach at all."""
    return Fault("empty", Text("河段表是空的。"), Text("请给出至少一个河段。"))


def columns_unlike(name: str, count: int, wanted: int) -> Fault:
    """A column is not as long as the table."""
    return Fault(
        "column-length",
        Text("“{name}”列有 {count} 个值，应有 {wanted} 个。", name=name, count=count, wanted=wanted),
        Text("请使每个河段各有一个值。"),
        raw=str(count),
    )


def bad_value(code: str, name: str, what: Text, value: float, remedy: Text) -> Fault:
    """A quantity of a reach cannot be: `what` is its name in words."""
    return Fault(
        code,
        Text("河段“{name}”的{what}为 {value}。", name=name, what=what, value=f"{value:g}"),
        remedy,
        raw=f"{value:g}",
        reaches=(name,),
    )


def lake_without_volume(name: str, volume: float) -> Fault:
    """A lake or reservoir needs its volume."""
    what = Text("湖库“{name}”的蓄水量为 {volume}，应大于 0。", name=name, volume=f"{volume:g}")
    return Fault(
        "lake-without-volume",
        Text("湖库“{name}”没有蓄水量。", name=name) if isnan(volume) else what,
        Text("请填写蓄水量（m³）；若应按河道计算，请把类型改为河流。"),
        raw=f"{volume:g}",
        reaches=(name,),
    )


def unknown_kind(name: str, kind: int) -> Fault:
    """A kind of reach that does not exist."""
    return Fault(
        "unknown-kind",
        Text("河段“{name}”的类型 {kind} 未定义。", name=name, kind=kind),
        Text("请用河流、渠道、排污通道、湖泊、水库、感潮、干涸之一。"),
        raw=str(kind),
        reaches=(name,),
    )


def tidal_in_the_way(name: str, below: str) -> Fault:
    """A tidal reach lies above one that is not tidal."""
    return Fault(
        "tidal",
        Text(
            "感潮河段“{name}”在非感潮河段“{below}”的上游，往复流不能按单向稳态计算。",
            name=name,
            below=below,
        ),
        Text("请在潮区界处截断河网：感潮河段只能在最下游；其下各河段也应标为感潮，改用河口公式。"),
        raw=f"{name}>{below}",
        reaches=(name, below),
    )


def tidal_place(what: Text, key: str, name: str) -> Fault:
    """A load or a section lies on a tidal reach."""
    return Fault(
        "tidal",
        Text("{what}“{key}”在感潮河段“{name}”上，未计算：感潮。", what=what, key=key, name=name),
        Text("请把它移到潮区界以上的河段，或改用河口公式。"),
        raw=key,
        reaches=(name,),
    )


def zero_velocity(name: str, pollutant: str) -> Fault:
    """Water that stands and decays would never arrive."""
    return Fault(
        "zero-velocity",
        Text("河段“{name}”流速为 0，而“{pollutant}”会降解，无法计算。", name=name, pollutant=pollutant),
        Text("请填写流速（m/s）；静水请改为湖库并填写蓄水量。"),
        raw=pollutant,
        reaches=(name,),
    )


def standing_water(name: str) -> Fault:
    """Water that stands never arrives."""
    return Fault(
        "standing-water",
        Text("河段“{name}”的水不流动，没有传播时间。", name=name),
        Text("请填写流速（m/s）或湖库的流量。"),
        raw=name,
        reaches=(name,),
    )


def zero_flow(key: str, name: str) -> Fault:
    """A load enters where no water flows."""
    return Fault(
        "zero-flow",
        Text("河段“{name}”没有流量，而“{key}”有负荷排入，浓度无从计算。", name=name, key=key),
        Text("请填写该河段或其上游的流量，或填写排口的流量。"),
        raw=key,
        reaches=(name,),
    )


def dry_section(key: str, name: str) -> Fault:
    """A concentration is asked for where no water flows."""
    return Fault(
        "zero-flow",
        Text("断面“{key}”所在河段“{name}”没有流量，没有浓度。", key=key, name=name),
        Text("请填写该河段或其上游的流量。"),
        raw=key,
        reaches=(name,),
    )


def unknown_reach(what: Text, key: str, row: int, count: int) -> Fault:
    """A load or a section points at a row that does not exist."""
    return Fault(
        "unknown-reach",
        Text(
            "{what}“{key}”的河段序号 {row} 不存在（共 {count} 个）。",
            what=what,
            key=key,
            row=row,
            count=count,
        ),
        Text("请指向河段表中的一行，序号从 0 起。"),
        raw=str(row),
    )


def beyond_reach(what: Text, key: str, name: str, chainage: float, length: float) -> Fault:
    """A chainage lies outside its reach."""
    return Fault(
        "beyond-reach",
        Text(
            "{what}“{key}”的里程 {chainage} m 不在河段“{name}”内（长 {length} m）。",
            what=what,
            key=key,
            chainage=f"{chainage:g}",
            name=name,
            length=f"{length:g}",
        ),
        Text("里程从河段上端起算，向下游为正；请改正里程或河段。"),
        raw=f"{chainage:g}",
        reaches=(name,),
    )


def bad_load(key: str, what: Text, value: float) -> Fault:
    """A flow or concentration of a load cannot be."""
    return Fault(
        "bad-load",
        Text("排口“{key}”的{what}为 {value}，应为不小于 0 的数。", key=key, what=what, value=f"{value:g}"),
        Text("请改正该值；取水请另按取水口填报，低于检出限请给出检出限。"),
        raw=f"{value:g}",
    )


def bad_release(name: str, value: float) -> Fault:
    """A release of a reservoir or sluice cannot be."""
    return Fault(
        "bad-release",
        Text("河段“{name}”的下泄流量为 {value}，应为不小于 0 的数。", name=name, value=f"{value:g}"),
        Text("请填写下泄流量（m³/s）。"),
        raw=f"{value:g}",
        reaches=(name,),
    )


def bad_lateral(name: str, pollutant: str, value: float) -> Fault:
    """A concentration of lateral flow cannot be."""
    return Fault(
        "bad-lateral",
        Text(
            "河段“{name}”区间入流的“{pollutant}”浓度为 {value}，应为不小于 0 的数。",
            name=name,
            pollutant=pollutant,
            value=f"{value:g}",
        ),
        Text("请改正该值；没有资料请填背景浓度，低于检出限请给出检出限。"),
        raw=f"{value:g}",
        reaches=(name,),
    )


def unbalanced(pollutant: str, residual: float) -> Fault:
    """The balance of load does not close, so nothing is published."""
    return Fault(
        "mass-balance",
        Text(
            "“{pollutant}”的负荷收支不闭合：残差为入量的 {residual}。",
            pollutant=pollutant,
            residual=f"{residual:.3g}",
        ),
        Text("结果不予给出；请核对分流比与各河段数据。"),
        raw=f"{residual:.3g}",
    )
