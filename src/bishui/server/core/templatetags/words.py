"""The words of classes, states, marks and reasons, each with its look. Data for the tags, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Classes of GB 3838-2002 (水质类别) as they are printed; 6 is worse than Ⅴ (劣Ⅴ类).
NUMERALS = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ", 5: "Ⅴ", 6: "劣Ⅴ"}

#: Words of condition (水质状况), 地表水环境质量评价办法（试行）.
CONDITIONS: dict[int, Promise] = {
    1: _("优"),
    2: _("优"),
    3: _("良好"),
    4: _("轻度污染"),
    5: _("中度污染"),
    6: _("重度污染"),
}

#: Why there is no class. Each reason has its own word: no data is never fine.
REASONS: dict[str, Promise] = {
    "no_data": _("无数据"),
    "water_type_unknown": _("水体类型未知"),
    "offline": _("停站"),
    "not_sampled": _("未采样"),
    "under_review": _("复核中"),
    "too_few_values": _("有效数据不足"),
    "not_due": _("未到期"),
    "not_valid_then": _("点位当时未启用"),
    "cannot_be_judged": _("检出限高于标准限值，无法判定"),
}


@dataclass(frozen=True, slots=True)
class State:
    """How a state is shown: its word, its tone (good, bad, warn, info, idle) and its icon."""

    label: Promise
    tone: str
    icon: str


STATES: dict[str, State] = {
    # attainment of a target (达标情况)
    "attained": State(_("达标"), "good", "check"),
    "not_attained": State(_("未达标"), "bad", "cross"),
    "not_judged": State(_("未评价"), "idle", "help"),
    "no_target": State(_("无目标"), "idle", "dash"),
    # tasks of a plan (任务)
    "done": State(_("已完成"), "info", "check"),
    "late_done": State(_("逾期完成"), "info", "flag"),
    "in_progress": State(_("正常推进"), "good", "progress"),
    "overdue": State(_("已逾期"), "bad", "warning"),
    "behind": State(_("进度滞后"), "late", "down-arrow"),
    "due_soon": State(_("即将到期"), "warn", "clock"),
    "not_started": State(_("未开始"), "idle", "circle"),
    # background jobs (后台任务)
    "queued": State(_("排队中"), "idle", "clock"),
    "running": State(_("运行中"), "info", "progress"),
    "succeeded": State(_("已成功"), "good", "check"),
    "failed": State(_("已失败"), "bad", "cross"),
}

#: A workflow brings its own words: its tone stands for the state, and the icon follows the tone.
TONE_ICONS = {"good": "check", "bad": "cross", "warn": "clock", "info": "progress", "idle": "circle"}

#: Who acted where no person did (`accounts.services`): shown by a word instead of the name of the account.
ACTORS: dict[str, Promise] = {"console": _("命令行"), "system": _("系统")}

#: What a reading says apart from its number (`bishui.observations.schema.Mark`).
MARKS: dict[str, Promise] = {
    "below_detection": _("未检出"),
    "no_reading": _("无读数"),
    "not_given": _("未提供"),
    "offline": _("停站"),
}

#: Texts that the map draws.
MAP_LABELS: dict[str, Promise] = {
    "schematic": _("示意图"),
    "map": _("断面分布图"),
    "legend": _("图例"),
    "class": _("水质类别"),
    "target": _("目标"),
    "target_short": _("标"),
    "attained": _("达标"),
    "not_attained": _("未达标"),
    "not_judged": _("未评价"),
    "no_target": _("无目标"),
    "details": _("查看详情"),
    "close": _("关闭"),
    "approximate": _("位置为概略坐标（小数不超过两位），仅示范围"),
    "approximate_short": _("概略位置"),
    "zoom_in": _("放大"),
    "zoom_out": _("缩小"),
    "fit": _("全图"),
    "gesture_wheel": _("按住 Ctrl 键滚动可缩放地图"),
    "gesture_wheel_mac": _("按住 ⌘ 键滚动可缩放地图"),
    "gesture_fingers": _("用两指移动地图"),
    "comma": _("，"),
    "review_number": _("审图号"),
    "no_webgl": _("此浏览器无法显示地图（缺少 WebGL 2）。下方的列表包含相同的内容。"),
    "no_points": _("没有带坐标的点位。下方的列表包含全部内容。"),
    "basemap_failed": _("底图无法加载，仅显示示意图。"),
    "no_class": _("无类别"),
    "source": _("水源地"),
    **{f"reason_{key}": text for key, text in REASONS.items()},
    **{f"class_{key}": text for key, text in CONDITIONS.items()},
}

#: Texts that the charts draw.
CHART_LABELS: dict[str, Promise] = {
    "choose": _("选择监测项目"),
    "limit": _("限值"),
    "measured": _("监测值"),
    "below_detection": _("未检出"),
    "flagged": _("存疑，不参与评价"),
    "offline": _("停站，不参与评价"),
    "no_reading": _("无读数"),
    "not_given": _("未提供"),
    "no_data": _("所选时段没有数据"),
    "zoom": _("拖动滑块可缩放时间"),
    "chart": _("时间序列图"),
    "values": _("个值"),
}
