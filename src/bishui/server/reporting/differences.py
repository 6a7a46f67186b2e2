"""What is other between two states of a report's inputs, figure by figure and part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bishui.server.reporting import specification


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what changed between two JSON forms of `compose.Inputs`.

    Returns
    -------
    list of dict
        ``what`` (figure, part, table, head), ``name``, ``before`` and ``after`` as they are printed.
    """
    return [
        *_head(before["head"], after["head"]),
        *_figures(before["facts"]["figures"], after["facts"]["figures"]),
        *_tables(before["facts"], after["facts"]),
        *_gaps(before["facts"]["gaps"], after["facts"]["gaps"]),
        *_texts(before, after),
    ]


def _changed(what: str, name: str, before: object, after: object) -> dict[str, str]:
    return {"what": what, "name": name, "before": str(before), "after": str(after)}


_HEAD = {
    "title": "标题",
    "number": "发文字号",
    "issuer": "署名",
    "recipient": "主送机关",
    "signed_on": "成文日期",
    "red_head": "红头",
}


def _head(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for key, name in _HEAD.items():
        if before[key] != after[key]:
            yield _changed("head", name, before[key], after[key])


def _figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        texts = (old["text"] if old else "—", new["text"] if new else "—")
        if texts[0] != texts[1]:
            yield _changed("figure", (new or old or {})["label"], *texts)


def _tables(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for key in dict.fromkeys([*before["tables"], *after["tables"]]):
        old = _lines(before["tables"].get(key, []))
        new = _lines(after["tables"].get(key, []))
        gone, come = [line for line in old if line not in new], [line for line in new if line not in old]
        if gone or come:
            name = _caption(key, before, after)
            yield _changed("table", name, "；".join(gone) or "—", "；".join(come) or "—")


def _caption(key: str, *facts: Mapping[str, Any]) -> str:
    """Return the caption of a table: a bulletin keeps its own, a summary has that of its rules."""
    for kept in reversed(facts):
        form = kept.get("paper", {}).get("tables", {}).get(key)
        if form:
            return str(form["caption"])
    return specification.table_rule(key).caption


def _lines(rows: list[list[dict[str, Any]]]) -> list[str]:
    return [" | ".join(cell["text"] for cell in row) for row in rows]


def _gaps(before: list[dict[str, str]], after: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    old = [f"{gap['kind']} {gap['what']}（{gap['why']}）" for gap in before]
    new = [f"{gap['kind']} {gap['what']}（{gap['why']}）" for gap in after]
    gone, come = [gap for gap in old if gap not in new], [gap for gap in new if gap not in old]
    if gone or come:
        yield _changed("gap", "缺失数据", "；".join(gone) or "—", "；".join(come) or "—")


def _texts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    labels = {part.id: part.label.zh for part in specification.parts_of(after["kind"])}
    for key in dict.fromkeys([*before["texts"], *after["texts"]]):
        old, new = before["texts"].get(key, ""), after["texts"].get(key, "")
        if old != new:
            yield _changed("part", labels.get(key, key), old or "—", new or "—")
