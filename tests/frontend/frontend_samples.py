"""Sample contexts of every part. All names are plainly made up: 甲, 乙, 丙 …"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms

from bishui.errors import Problem, UnreadableFile, Where
from bishui.i18n import Text

AS_OF = date(2026, 6, 30)

NAVIGATION = [
    {"url": "/", "label": "总览", "icon": "overview", "active": True},
    {"url": "/map/", "label": "地图", "icon": "map", "active": False},
    {"url": "/sections/", "label": "断面", "icon": "section", "active": False},
    {"url": "/plans/", "label": "方案与任务", "icon": "plan", "active": False},
    {"url": "/imports/", "label": "数据导入", "icon": "upload", "active": False},
    {"url": "/cases/", "label": "事项", "icon": "case", "active": False},
    {"url": "/registers/", "label": "台账", "icon": "register", "active": False},
]
WORKSPACES = [
    {"code": "made-up", "name": "甲乙市", "fiction": True, "current": True},
    {"code": "real", "name": "另一座城市", "fiction": False, "current": False},
]
FICTION = {"code": "made-up", "name": "甲乙市", "fiction": True, "as_of": AS_OF}
FACT = {"code": "real", "name": "另一座城市", "fiction": False, "as_of": None}


class SampleUser:
    """Who is signed in."""

    is_authenticated = True

    def get_username(self) -> str:
        return "zhangjia"

    def get_full_name(self) -> str:
        return "张甲"


FRAME = {
    "user": SampleUser(),
    "navigation": NAVIGATION,
    "workspaces": WORKSPACES,
    "workspace": FICTION,
    "bishui_version": "0.1.0",
}

PROBLEMS = [
    Problem(
        "bad-number",
        Text("“{raw}”不是数字。", raw="0.1.2"),
        Text("请改为一个数，例如 0.12。"),
        Where(file="监测.csv", row=12, column="总磷"),
        raw="0.1.2",
    ),
    Problem(
        "unknown-site",
        Text("找不到断面“{name}”。", name="丁桥"),
        Text("请在断面台账中登记它，或改正名称。"),
        Where(file="监测.csv", row=40, column="断面"),
        raw="丁桥",
    ),
]
ERROR = UnreadableFile(
    Text("文件“{name}”是空的。", name="监测.csv"),
    remedy=Text("请确认导出成功后重新上传。"),
    where=Where(file="监测.csv"),
    problems=PROBLEMS,
)

COLUMNS: list[dict[str, Any]] = [
    {"label": "断面", "sort_url": "?sort=name", "sorted": "up"},
    {"label": "水质类别"},
    {"label": "目标"},
    {"label": "达标"},
    {"label": "总磷 (mg/L)", "numeric": True},
    {"label": "月份", "numeric": True},
    {"label": "依据", "long": True},
]


def table_rows() -> list[dict[str, Any]]:
    """One row per point of the map, so that both show the same."""
    return [
        {
            "cells": [
                {"text": point["name"], "url": point["url"], "note": point["water"]},
                {"klass": point["class"], "reason": point["reason"]},
                {"klass": point["target"], "reason": "无目标"},
                {"state": point["state"]},
                {"number": Decimal("0.120") if point["class"] else None},
                {"k": 5, "n": 6, "missing": 1},
                {"file": "年度计划.txt", "line": 12, "url": "/plans/1/#12"},
            ]
        }
        for point in POINTS
    ]


def _point(
    number: int, name: str, lon: float, lat: float, klass: int | None, target: int | None, **more: Any
):
    state = "no_target" if target is None else "not_judged"
    if klass is not None and target is not None:
        state = "attained" if klass <= target else "not_attained"
    point = {
        "id": f"s{number}",
        "name": name,
        "url": f"/sections/s{number}/",
        "lon": lon,
        "lat": lat,
        "digits": 5,
        "class": klass,
        "state": state,
        "target": target,
        "water": "甲河",
        "kind": "section",
        "reason": "" if klass else "no_data",
    }
    return point | more


POINTS: list[dict[str, Any]] = [
    _point(1, "甲河上桥", 30.10, 5.42, 1, 2),
    _point(2, "甲河中桥", 30.22, 5.36, 2, 3),
    _point(3, "甲河渡口", 30.235, 5.352, 3, 3),
    _point(4, "甲河水厂", 30.243, 5.346, 3, 2, kind="source"),
    _point(5, "乙溪入口", 30.25, 5.35, 4, 3, water="乙溪"),
    _point(6, "甲河下桥", 30.36, 5.26, 5, 4),
    _point(7, "丙渠闸", 30.42, 5.33, 6, 5, water="丙渠"),
    _point(8, "甲河出境", 30.50, 5.18, None, 3),
    _point(9, "丁湖心", 30.31, 5.44, None, 3, water="丁湖", reason="water_type_unknown"),
    _point(10, "乙溪源头", 30.12, 5.24, 2, None, digits=2, water="乙溪"),
    _point(11, "丙渠站", 30.47, 5.40, None, 4, water="丙渠", reason="offline"),
]
MAP: dict[str, Any] = {
    "points": POINTS,
    "reaches": [
        {
            "name": "甲河",
            "points": [
                [30.02, 5.46],
                [30.10, 5.42],
                [30.22, 5.36],
                [30.36, 5.26],
                [30.50, 5.18],
                [30.56, 5.15],
            ],
            "kind": "river",
            "order": 4,
        },
        {
            "name": "乙溪",
            "points": [[30.10, 5.22], [30.16, 5.28], [30.25, 5.35]],
            "kind": "river",
            "order": 2,
        },
        {
            "name": "丙渠",
            "points": [[30.49, 5.42], [30.42, 5.33], [30.36, 5.26]],
            "kind": "channel",
            "order": 1,
        },
    ],
    "basemap": None,
}

_LIMITS = [("0.02", 1), ("0.1", 2), ("0.2", 3), ("0.3", 4), ("0.4", 5)]


def _readings(days: int = 90) -> list[list[str | None]]:
    """Daily readings with a gap, values below detection, an outage and a flagged peak."""
    rows: list[list[str | None]] = []
    for day in range(days):
        time = (datetime(2026, 4, 1, 8) + timedelta(days=day)).isoformat()
        value = f"{0.16 + 0.07 * math.sin(day / 9) + 0.02 * math.sin(day * 2.1):.3f}"
        if 30 <= day < 36:
            rows.append([time, None, "no_reading", "--"])
        elif day in {50, 51}:
            rows.append([time, "0.01", "below_detection", "0.01L"])
        elif day == 64:
            rows.append([time, "0.39", "flagged", "0.39"])
        elif day == 70:
            rows.append([time, "0.30", "offline", "0.30"])
        else:
            rows.append([time, value])
    return rows


CHART: dict[str, Any] = {
    "title": "甲河中桥",
    "selected": ["tp"],
    "items": [
        {
            "key": "tp",
            "name": "总磷",
            "unit": "mg/L",
            "points": _readings(),
            "limits": [
                {"value": value, "class": klass, "label": "ⅠⅡⅢⅣⅤ"[klass - 1], "target": klass == 3}
                for value, klass in _LIMITS
            ],
        },
        {
            "key": "ph",
            "name": "pH",
            "unit": "",
            "points": [[f"2026-04-{day:02}T08:00:00", f"7.{day % 10}"] for day in range(1, 31)],
            "limits": [
                {"value": "6", "class": None, "label": "下限"},
                {"value": "9", "class": None, "label": "上限"},
            ],
        },
        {"key": "do", "name": "溶解氧", "unit": "mg/L", "points": [], "limits": []},
    ],
}

CLASS_COUNTS = [
    {"klass": 1, "count": 1},
    {"klass": 2, "count": 2, "url": "/sections/?class=2"},
    {"klass": 3, "count": 2},
    {"klass": 4, "count": 1},
    {"klass": 5, "count": 1},
    {"klass": 6, "count": 1},
    {"klass": None, "reason": "no_data", "count": 3},
]
TIMELINE = [
    {
        "when": datetime(2026, 6, 30, 9, 5),
        "what": "确认预警：总磷超过Ⅲ类限值。",
        "who": "张甲（水科）",
        "why": "三日均值复核属实",
        "tone": "warn",
        "files": [{"url": "/files/1/", "name": "复核单.pdf"}],
    },
    {"when": datetime(2026, 6, 29, 16, 0), "what": "系统生成预警。", "who": "系统", "tone": "info"},
]
FILTERS = [
    {"name": "q", "label": "名称", "kind": "search", "value": "", "placeholder": "断面名称"},
    {
        "name": "state",
        "label": "达标情况",
        "kind": "select",
        "options": [
            {"value": "", "label": "全部", "selected": True},
            {"value": "not_attained", "label": "未达标", "selected": False},
        ],
    },
    {"name": "since", "label": "起始日期", "kind": "date", "value": "2026-01-01"},
]
CRUMBS = [
    {"label": "断面", "url": "/sections/"},
    {"label": "甲河", "url": "/sections/?water=1"},
    {"label": "甲河中桥", "url": None},
]


def job(state: str) -> dict[str, Any]:
    return {
        "id": "7",
        "title": "导入 监测.csv",
        "state": state,
        "done": 1200,
        "total": 5000,
        "message": "正在读取",
        "poll_url": "/jobs/7/",
        "result_url": "/imports/7/",
    }


class SampleForm(forms.Form):
    """One field of each look."""

    name = forms.CharField(label="名称", help_text="与台账一致")
    kind = forms.ChoiceField(label="类型", choices=[("river", "河流"), ("lake", "湖库")])
    agreed = forms.BooleanField(label="已核对")
    file = forms.FileField(label="文件")
