"""What quality control found: the table of findings, one row each, and the sentence that tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from bishui.i18n import Text
from bishui.observations.naming import known_items
from bishui.observations.numbers import span_text
from bishui.observations.schema import TIME_TYPE, VALUE_TYPE, Source

#: One row per finding. `limit` is what `value` was compared with; `evidence` holds further numbers by name.
FINDINGS = pa.schema(
    [
        pa.field("rule", pa.string(), nullable=False),  # one of QUALITY_RULES
        pa.field("site", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),  # Source of the value
        pa.field("time_from", TIME_TYPE, nullable=False),
        pa.field("time_to", TIME_TYPE, nullable=False),  # inclusive, as in FLAGS
        pa.field("severity", pa.string(), nullable=False),  # error, warning, notice
        pa.field("count", pa.int32(), nullable=False),  # values concerned; of a gap: values missing
        pa.field("value", VALUE_TYPE),
        pa.field("limit", VALUE_TYPE),
        pa.field("other_item", pa.string()),  # item of the comparison
        pa.field("flag", pa.string()),  # proposed flag of FLAGS; null where none is proposed
        pa.field("evidence", pa.map_(pa.string(), pa.string()), nullable=False),
        pa.field("rules_version", pa.string(), nullable=False),
    ]
)

ERROR, WARNING, NOTICE = "error", "warning", "notice"

#: Rule → its name and the sentence of a finding.
_WORDS: dict[str, tuple[Text, Text]] = {
    "impossible_value": (
        Text("不可能的数值"),
        Text("{item} {value} 超出可能的范围（{span}）。"),
    ),
    "instrument_range": (
        Text("超出仪器量程"),
        Text("{item} {value} 超出仪器量程（{span}）。"),
    ),
    "repeated_value": (
        Text("连续相同读数"),
        Text("{item} 连续 {count} 个读数都是 {value}，历时 {hours} 小时。"),
    ),
    "jump": (
        Text("数值突变"),
        Text("{item} {value} 与前后读数的中位数 {median} 相差 {deviations} 倍稳健标准差（{spread}）。"),
    ),
    "part_above_whole": (
        Text("部分大于整体"),
        Text("{part} {value} 大于同次监测的 {whole} {limit}。"),
    ),
    "duplicate_within": (
        Text("同一来源重复"),
        Text("{item} 同一时间有 {count} 个结果（{value}～{limit}）。"),
    ),
    "duplicate_across": (
        Text("不同来源并存"),
        Text("{item} 同一时间 {source} 为 {value}，{other_source} 为 {limit}。"),
    ),
    "stuck_at_detection_limit": (
        Text("长期未检出"),
        Text("{item} 连续 {count} 个读数未检出，历时 {hours} 小时。"),
    ),
    "copied_series": (
        Text("雷同数据"),
        Text(
            "{item} 连续 {count} 个读数与 {other_name} 自 {other_from} 至 {other_to} 的读数逐个相同"
            "（相隔 {days_apart} 天）。"
        ),
    ),
    "slow_drift": (
        Text("缓慢漂移"),
        Text(
            "{item} 在 {days} 天内由约 {before} 缓慢变为约 {after}（{factor} 倍），"
            "同站其他项目同期为 {factor_of_others} 倍。"
        ),
    ),
    "gap": (
        Text("缺数"),
        Text("{item} 通常每 {interval_hours} 小时一个，其间缺 {count} 个。"),
    ),
}

#: Keys of the rules, in the order in which they are applied.
QUALITY_RULES = tuple(_WORDS)


def rule_name(key: str) -> Text:
    """Return the name of a rule of quality control in words."""
    return _WORDS[key][0]


def describe_finding(finding: Mapping[str, Any]) -> Text:
    """Return the sentence that tells a finding with its numbers.

    Parameters
    ----------
    finding
        One row of `FINDINGS` as a dictionary.
    """
    known = known_items()
    evidence = dict(finding["evidence"])
    unit = known[finding["item"]].unit if finding["item"] in known else ""
    parts = str(evidence.get("part", finding["item"])).split("+")
    levels = {
        name: _number(Decimal(evidence[name]), unit) for name in ("before", "after") if name in evidence
    }
    levels |= {name: _three(evidence[name]) for name in ("deviations", "spread") if name in evidence}
    return Text(
        _WORDS[finding["rule"]][1].template,
        **evidence
        | levels
        | {
            "item": _name(finding["item"]),
            "part": "+".join(_name(part) for part in parts),
            "whole": _name(finding["other_item"] or ""),
            "other_name": evidence.get("other_name", evidence.get("other_site", "")),
            "source": _source(finding["source"]),
            "other_source": _source(evidence.get("other_source", "")),
            "value": _number(finding["value"], unit),
            "limit": _number(finding["limit"], unit),
            "count": finding["count"],
            "span": span_text(str(evidence.get("low", "")), str(evidence.get("high", "")), unit),
        },
    )


def _name(item: str) -> str:
    return known_items()[item].name if item in known_items() else item


def _source(source: str) -> Text | str:
    words = {
        Source.AUTOMATIC: Text("自动监测"),
        Source.MANUAL: Text("手工监测"),
        Source.UNKNOWN: Text("来源未知"),
    }
    return words.get(Source(source), "") if source else ""


def _number(value: Any, unit: str) -> str:
    """Return a value with its unit; a unit that says "no unit" is left out."""
    if value is None:
        return "—"
    return f"{value.normalize():f} {unit}" if unit not in ("", "无量纲") else f"{value.normalize():f}"


def _three(number: str) -> str:
    """Return a number of the evidence with three significant digits, as a sentence tells it."""
    return number if number == "inf" else f"{Decimal(f'{Decimal(number):.3g}').normalize():f}"


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of one rule, each array of shape (n,).

    Attributes
    ----------
    first, last
        Place of the first and of the last value concerned, in the sorted values.
    severity
        One word for all, or one each.
    value, limit
        `VALUE_TYPE`; None where the rule has none.
    evidence
        Name → one number or word per finding.
    unflagged
        Whether no flag is proposed for a finding; None where the rule decides alone.
    """

    rule: str
    first: np.ndarray
    last: np.ndarray
    severity: str | Sequence[str]
    count: np.ndarray | int
    value: pa.Array | None
    limit: pa.Array | None
    other_item: Sequence[str | None] | None
    evidence: Mapping[str, Sequence[Any]]
    unflagged: np.ndarray | None = None


def evidence_maps(evidence: Mapping[str, Sequence[Any]], size: int) -> pa.Array:
    """Return one map per finding from name → column."""
    names = list(evidence)
    offsets = np.arange(size + 1, dtype=np.int32) * len(names)
    keys = pa.array(names * size, pa.string())
    words = [_word(evidence[name][place]) for place in range(size) for name in names]
    return pa.MapArray.from_arrays(pa.array(offsets), keys, pa.array(words, pa.string()))


def _word(value: Any) -> str:
    """Return a number with at most six significant digits, a word as it is."""
    if isinstance(value, (float, np.floating)):
        short = f"{float(value):.6g}"
        return short if "e" not in short else f"{float(value):f}".rstrip("0").rstrip(".")
    return str(value)
