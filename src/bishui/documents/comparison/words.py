"""The words for kinds, verdicts and fields, shared by the command line and the pages."""

from __future__ import annotations

from bishui.documents.comparison.result import Kind, Relation, Verdict
from bishui.i18n import Text

_KINDS: dict[Kind, Text] = {
    "figure": Text("指标"),
    "section": Text("断面"),
    "source": Text("水源地"),
    "task": Text("任务"),
    "report": Text("报送"),
    "milestone": Text("阶段目标"),
    "project": Text("项目"),
}
_VERDICTS: dict[Verdict, Text] = {
    "weakened": Text("放宽"),
    "dropped": Text("取消"),
    "strengthened": Text("收严"),
    "added": Text("新增"),
    "changed": Text("变化"),
    "split": Text("拆分"),
    "merged": Text("合并"),
    "regrouped": Text("重组"),
    "outside": Text("属其他县区"),
    "kept": Text("保持"),
}
_BETWEEN_LEVELS: dict[Verdict, Text] = {
    "weakened": Text("弱于上级"),
    "dropped": Text("未承接"),
    "strengthened": Text("严于上级"),
    "added": Text("下级另定"),
    "changed": Text("承接有改动"),
    "kept": Text("一致"),
}
_EXCHANGED: dict[Verdict, Verdict] = {
    "weakened": "strengthened",
    "strengthened": "weakened",
    "dropped": "added",
    "added": "dropped",
}
_FIELDS = {
    "theme": Text("主要任务"),
    "content": Text("内容"),
    "lead": Text("牵头单位"),
    "cooperating": Text("配合单位"),
    "responsible": Text("责任单位"),
    "deadline": Text("期限"),
    "value": Text("数值"),
    "indicator": Text("写法"),
    "class": Text("水质类别"),
    "target": Text("水质目标"),
    "water": Text("水体"),
    "level": Text("级别"),
    "county": Text("县区"),
    "name": Text("名称"),
    "units": Text("单位"),
    "to": Text("报送对象"),
    "years": Text("年限"),
    "investment": Text("投资"),
}


def kind_word(kind: Kind) -> Text:
    """Return the word for a kind of record."""
    return _KINDS[kind]


def verdict_word(verdict: Verdict, relation: Relation) -> Text:
    """Return the word for a verdict; between two levels it says what the lower plan does with a target."""
    if relation.kind != "levels":
        return _VERDICTS[verdict]
    seen = _EXCHANGED.get(verdict, verdict) if relation.upper == "after" else verdict
    return _BETWEEN_LEVELS.get(seen, _VERDICTS[seen])


def field_word(name: str) -> Text:
    """Return the word for a field of a change."""
    return _FIELDS.get(name, Text("{name}", name=name))


def relation_sentence(relation: Relation) -> Text:
    """Return what a reader should know of how the two plans stand to each other."""
    if relation.kind == "levels":
        return Text("上下级计划：看下级是否承接上级的任务和指标；只属于其他县区的不算未承接。")
    if relation.kind == "periods":
        return Text("同一地区、期限长短不同的计划：请着重看指标和断面，任务清单不同属正常。")
    if relation.kind == "successive":
        return Text("同一地区先后的计划：日期按各自计划期内的位置比较，更晚为放宽。")
    return Text("不同地区的计划：断面、水源地不同属正常。")
