"""What the page of one outfall (一口一档) tells: codes with their verdicts, place, water, upkeep."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.outfalls import (
    CodeVerdict,
    Level,
    check_credit_code,
    check_official_code,
    check_permit,
    check_permit_outlet,
)
from bishui.server.core import registers
from bishui.server.core.register_records import text_of
from bishui.server.outfalls.models import Discharger, Outfall, WaterBody

#: The groups of facts, each with the fields of the register that it shows.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "identity",
        ("regional_code", "name_status", "national_platform", "realm", "kind", "legacy_kind", "above_scale"),
    ),
    ("place", ("town", "village", "address", "landmark", "bank")),
    (
        "mouth",
        ("mouth_shape", "entry_method", "size", "relation_to_water", "drainage_feature", "drainage_mode"),
    ),
    ("survey", ("survey_level", "found_by", "abnormal", "in_protected_area", "is_ditch")),
    ("duty", ("responsible_kind", "responsible_name", "setting_status", "setting_paper")),
    ("upkeep", ("discharge_standard", "discharge_grade", "sign", "sampling_point", "online_monitor", "note")),
)


def group_titles() -> dict[str, str]:
    """Return the headings of the groups."""
    return {
        "identity": _("身份"),
        "place": _("位置"),
        "mouth": _("口门"),
        "survey": _("排查"),
        "duty": _("责任"),
        "upkeep": _("规范化建设"),
    }


def facts(outfall: Outfall, units: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the groups of facts for the part ``core/parts/facts.html``; what is not known says so."""
    register = registers.load_all()["outfalls"]
    titles = group_titles()
    groups = []
    for key, names in GROUPS:
        items = [_fact(register.field(name), outfall) for name in names]
        if key == "place":
            items = [_where(outfall), *items]
        if key == "duty":
            items += _units(outfall, units)
        groups.append({"title": titles[key], "items": items})
    return groups


def _fact(field: registers.Field, outfall: Outfall) -> dict[str, Any]:
    value = getattr(outfall, field.name)
    text = field.choice_label(value) if field.type == "choice" else text_of(field, outfall)
    return {"label": field.label, "text": text or "—"}


def _units(outfall: Outfall, units: Mapping[str, str]) -> list[dict[str, Any]]:
    named = ((_("责任单位"), outfall.responsible_unit), (_("监管单位"), outfall.supervising_unit))
    return [{"label": label, "text": units.get(code, code) or "—"} for label, code in named]


def _where(outfall: Outfall) -> dict[str, Any]:
    """Return the coordinates as given, with datum, digits, source and accuracy."""
    if outfall.lon is None or outfall.lat is None:
        return {"label": _("坐标"), "text": _("未登记")}
    digits = outfall.coordinate_digits or 0
    source = (
        registers.load_all()["outfalls"].field("coordinate_source").choice_label(outfall.coordinate_source)
    )
    notes = [
        outfall.datum or _("坐标系未知"),
        _("小数 %(digits)s 位") % {"digits": digits},
        source or _("来源未知"),
    ]
    if outfall.accuracy is not None:
        notes.append(_("精度 %(metres)s m") % {"metres": outfall.accuracy})
    return {
        "label": _("坐标"),
        "text": f"{_digits(outfall.lon, digits)}, {_digits(outfall.lat, digits)}",
        "note": " · ".join(notes),
    }


def _digits(value: Decimal, digits: int) -> str:
    return f"{value:.{digits}f}"


def codes(outfall: Outfall, discharger: Discharger | None) -> list[dict[str, Any]]:
    """Return the codes of an outfall and of who discharges, with the verdict on each."""
    given = [
        (_("国家统一编码"), outfall.official_code, check_official_code),
        (_("许可排放口"), outfall.permit_outlet, check_permit_outlet),
    ]
    if discharger is not None:
        given += [
            (_("统一社会信用代码"), discharger.credit_code, check_credit_code),
            (_("排污许可证编号"), discharger.permit, check_permit),
        ]
    own = [{"label": _("本系统编码"), "code": outfall.code, "tone": "good", "reason": ""}]
    return own + [_verdict(label, code, check(code) if code else None) for label, code, check in given]


def _verdict(label: str, code: str, verdict: CodeVerdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"label": label, "code": "", "tone": "idle", "reason": _("尚无")}
    tones = {Level.OK: "good", Level.WARN: "warn", Level.ERROR: "bad"}
    reason = " ".join(str(part) for part in (verdict.reason, verdict.remedy) if part)
    return {"label": label, "code": code, "tone": tones[verdict.level], "reason": reason}


def warnings(outfall: Outfall, discharger: Discharger | None) -> list[str]:
    """Return what a person should look at before the file is whole."""
    found = []
    kind = outfall.type
    if outfall.in_protected_area == "yes":
        found.append(_("位于特殊保护区域内：依法应予查处，整治类型由人判定。"))
    if kind is None and outfall.legacy_kind:
        found.append(_("只有旧分类，尚未按 HJ 1312 确定类型。"))
    if kind is not None and kind.drawn and not outfall.permit_outlet:
        found.append(_("属于双随机抽查范围，但没有登记许可排放口。"))
    if discharger is not None and discharger.indirect == "yes":
        found.append(_("排污单位为间接排放，却直接连到排污口，请核对排污链路。"))
    if outfall.coordinate_digits is not None and outfall.coordinate_digits <= 2:
        found.append(_("坐标小数不超过两位，只能表示大致范围。"))
    if outfall.lon is not None and not outfall.datum:
        found.append(_("坐标系未知，不能与其他数据叠加。"))
    return found


def water_facts(outfall: Outfall, water: WaterBody | None) -> list[dict[str, Any]]:
    """Return what is known of the receiving water, and where on it the outfall lies."""
    if water is None:
        return [{"label": _("受纳水体"), "text": outfall.water or "—"}]
    zone = " ".join(
        part for part in (water.zone2 or water.zone1, water.zone2_target or water.zone1_target) if part
    )
    reach = outfall.reach or water.reach
    snapped = (
        "" if outfall.snap_distance is None else _("距河段 %(metres)s m") % {"metres": outfall.snap_distance}
    )
    return [
        {"label": _("受纳水体"), "text": water.name, "note": water.river_system},
        {"label": _("水功能区及目标"), "text": zone or "—"},
        {"label": _("河网河段"), "text": reach or "—", "note": snapped},
    ]


def sites_of(outfall: Outfall) -> list[dict[str, Any]]:
    """Return the sites that measure what leaves the outfall; they name it by any of its codes."""
    known = [code for code in (outfall.code, outfall.regional_code, outfall.official_key) if code]
    found = apps.get_model("sites", "Site")._default_manager.filter(
        outfall__in=known, division__startswith=outfall.division.split("/")[0]
    )
    return [
        {"name": str(site), "url": reverse("sites:site", args=[site.pk])} for site in found.order_by("code")
    ]
