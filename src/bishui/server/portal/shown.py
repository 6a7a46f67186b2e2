"""How the public pages show what they may: cells of tables, facts."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.i18n import Text
from bishui.outfalls import class_label
from bishui.server.core.templatetags.bishui_ui import number, share
from bishui.server.portal.models import Office
from bishui.server.portal.queries import Told

_ROLES = {"drawn": Text("抽中"), "supplement": Text("按类补足"), "replacement": Text("替补")}
_ROUTES = {"approval": Text("审批"), "registration": Text("登记")}
_DEEDS = {"new": Text("新设"), "change": Text("改设"), "enlarge": Text("扩大")}
_DENOMINATORS = {
    "needs_remediation": Text("需要整治的排污口"),
    "abnormal": Text("已查明存在异常的排污口"),
    "identified": Text("已查明的排污口"),
}
_NUMERATORS = {"signed_off": Text("已销号"), "traced": Text("已溯源")}


def outfall_columns() -> list[dict[str, Any]]:
    """Return the columns of `outfall_cells`."""
    return [
        {"label": _("名称"), "long": True},
        {"label": _("编码")},
        {"label": _("类型")},
        {"label": _("受纳水体")},
        {"label": _("责任主体"), "long": True},
        {"label": _("状态")},
    ]


def outfall_cells(told: Told) -> list[dict[str, Any]]:
    """Return the cells of a public outfall."""
    return [
        {"text": told.name, "url": reverse("portal:outfall", args=[told.code])},
        {"technical": told.code},
        {"text": told.kind or "—"},
        {"text": told.water or "—"},
        {"text": told.responsible or _("正在核实")},
        {"text": told.state},
    ]


def outfall_facts(told: Told, office: Office | None) -> list[dict[str, Any]]:
    """Return what the law wants shown of an outfall."""
    supervising = told.supervising or (office.name if office else "")
    found: list[dict[str, Any]] = [
        {"label": _("名称"), "text": told.name},
        {"label": _("编码"), "technical": told.official_code or told.code},
        {"label": _("类型"), "text": told.kind or "—"},
        {"label": _("受纳水体"), "text": told.water or "—"},
        {"label": _("责任主体"), "text": told.responsible or _("正在核实")},
        {"label": _("监管单位"), "text": supervising or "—"},
        {"label": _("监督电话"), "text": office.hotline if office else "—"},
        {"label": _("状态"), "text": told.state},
        {"label": _("最近监督检查"), "text": result_text(told)},
    ]
    if told.official_code:
        found.insert(2, {"label": _("本地编码"), "technical": told.code})
    if told.removed_on:
        found.append({"label": _("撤销日期"), "day": told.removed_on})
    return found


def result_text(told: Told) -> str:
    """Return the latest supervisory result in words."""
    if told.result is None:
        return _("尚无")
    day, passed = told.result
    return f"{day.isoformat()} {_('合格') if passed else _('不合格')}"


def setting_columns() -> list[dict[str, Any]]:
    """Return the columns of `setting_cells`."""
    return [
        {"label": _("排污口"), "long": True},
        {"label": _("事项")},
        {"label": _("类型")},
        {"label": _("责任主体"), "long": True},
        {"label": _("结果")},
        {"label": _("文号")},
        {"label": _("日期")},
    ]


def setting_cells(record: Any) -> list[dict[str, Any]]:
    """Return the cells of a decision; who may be called and what was argued are not in it."""
    return [
        {"text": record.name},
        {"text": f"{_DEEDS[record.deed]} · {_ROUTES[record.route]}"},
        {"text": str(record.type.label)},
        {"text": record.applicant},
        {"state": record.step.tone, "label": record.step.label},
        {"text": record.paper or "—"},
        {"day": record.decided_on},
    ]


def draw_columns() -> list[dict[str, Any]]:
    """Return the columns of `draw_cells`."""
    return [
        {"label": _("抽查")},
        {"label": _("状态")},
        {"label": _("名单数"), "numeric": True},
        {"label": _("应抽"), "numeric": True},
        {"label": _("名单冻结时间")},
    ]


def draw_cells(record: Any) -> list[dict[str, Any]]:
    """Return the cells of a draw."""
    return [
        {"text": record.code, "url": reverse("portal:draw", args=[record.code])},
        {"state": record.step.tone, "label": record.step.label},
        {"number": len(record.listed)},
        {"number": record.count},
        {"moment": record.committed_at},
    ]


def draw_facts(told: dict[str, Any], stamp: tuple[int, str] | None) -> list[dict[str, Any]]:
    """Return what is published of a draw, as facts."""
    size = _("%(size)s 个，应抽 %(count)s 个（不少于 %(percent)s%%）") % {
        key: told[key] for key in ("size", "count", "percent")
    }
    found: list[dict[str, Any]] = [
        {"label": _("名单"), "text": size},
        {"label": _("名单摘要 SHA-256"), "technical": told["list_hash"]},
        {"label": _("人员和回避摘要"), "technical": told["people_hash"]},
        {"label": _("冻结时间"), "text": told["committed_at"].replace("T", " ")},
        {"label": _("约定的公开随机数"), "text": told["random_source"]},
        {"label": _("公布时间"), "text": told["random_at"].replace("T", " ")},
    ]
    if stamp:
        found.insert(
            4, {"label": _("留痕（第 %(number)s 条）") % {"number": stamp[0]}, "technical": stamp[1]}
        )
    for former in told["former_sources"]:
        found.append({"label": _("原约定"), "text": former["source"], "note": former["why"]})
    if "seed" in told:
        found += [
            {"label": _("公开随机数"), "text": told["public_random"], "note": told["random_reference"]},
            {"label": _("种子"), "technical": told["seed"]},
        ]
    return found


def drawn_columns() -> list[dict[str, Any]]:
    """Return the columns of `drawn_cells`."""
    return [
        {"label": _("编码")},
        {"label": _("名称"), "long": True},
        {"label": _("来源")},
        {"label": _("检查日期")},
        {"label": _("结论")},
    ]


def drawn_cells(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of an outfall drawn, as it is published."""
    note = _("已替补：%(why)s") % {"why": entry["gone_why"]} if entry["gone_why"] else ""
    if entry["steps_in_for"]:
        note = _("替补 %(code)s") % {"code": entry["steps_in_for"]}
    verdicts = {True: _("合格"), False: _("不合格"), None: "—"}
    return [
        {"technical": entry["code"]},
        {"text": entry["name"], "note": note},
        {"text": str(_ROLES[entry["role"]])},
        {"text": entry["visited_on"] or "—"},
        {"text": verdicts[entry["passed"]]},
    ]


def duty_columns() -> list[dict[str, Any]]:
    """Return the columns of `duty_cells`."""
    return [
        {"label": _("类别"), "long": True},
        {"label": _("名单数"), "numeric": True},
        {"label": _("应完成"), "numeric": True},
        {"label": _("已完成"), "numeric": True},
        {"label": _("尚缺"), "numeric": True},
    ]


def duty_cells(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of a duty's count."""
    return [
        {"text": str(class_label(found["class"])) if found["class"] else _("合计")},
        {"number": found["listed"]},
        {"number": found["wanted"]},
        {"number": found["done"]},
        {"number": found["lacking"]},
    ]


def milestone_columns() -> list[dict[str, Any]]:
    """Return the columns of `milestone_cells`."""
    return [
        {"label": _("阶段目标"), "long": True},
        {"label": _("时限")},
        {"label": _("目标"), "numeric": True},
        {"label": _("分母"), "long": True},
        {"label": _("统计日")},
        {"label": _("完成"), "numeric": True},
        {"label": _("比例"), "numeric": True},
    ]


def milestone_cells(milestone: Any, snapshot: Any) -> list[dict[str, Any]]:
    """Return the cells of a milestone on a day for which its list was frozen, or of none yet."""
    counted = _("%(done)s / %(what)s") % {
        "done": _NUMERATORS[milestone.numerator],
        "what": _DENOMINATORS[milestone.denominator],
    }
    start: list[dict[str, Any]] = [
        {"text": milestone.name},
        {"day": milestone.due},
        {"text": f"{milestone.percent}%"},
    ]
    if snapshot is None:
        return [*start, {"text": counted}, {"text": _("尚未统计")}, {"text": "—"}, {"text": "—"}]
    done, size = len(snapshot.done), len(snapshot.codes)
    return [
        *start,
        {"text": counted, "note": f"SHA-256 {snapshot.digest[:16]}…"},
        {"day": snapshot.day},
        {"text": f"{number(done)} / {number(size)}"},
        {"text": share(done, size)},
    ]


def bulletin_cells(edition: Any) -> list[dict[str, Any]]:
    """Return the cells of an issued edition."""
    return [
        {"text": edition.title.replace("\n", ""), "url": reverse("portal:bulletin", args=[edition.pk])},
        {"text": _("第 %(number)s 版") % {"number": edition.number}},
        {"text": f"{edition.issued_at:%Y-%m-%d}"},
    ]
