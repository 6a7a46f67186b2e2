"""The models of GB/T 25173-2010 by name: one number each, with what it rests on and what speaks against it.

Five one-dimensional models of the same river differ by some tens of per cent, so a capacity (纳污能力) is
never shown without the name of its model. The place of a formula in the standard is from memory, its
derivation is ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.network.settings import Settings, settings
from bishui.network.tables import DAY_S

Inputs = Mapping[str, float]
STANDARD = "GB/T 25173-2010"
_G_PER_T = 1e6


class Symbol(NamedTuple):
    """An input: its unit, what it is, and whether it may be zero."""

    unit: str
    label: Bilingual
    zero: bool = True


#: Inputs of the models, by the symbols of the standard.
SYMBOLS: Mapping[str, Symbol] = {
    "Q": Symbol("m3/s", Bilingual("设计流量", "design flow"), False),
    "Qp": Symbol("m3/s", Bilingual("排污流量", "flow of the discharge")),
    "C0": Symbol("mg/L", Bilingual("上游来水（背景）浓度", "concentration from upstream")),
    "Cs": Symbol("mg/L", Bilingual("水质目标浓度", "target concentration")),
    "K": Symbol("1/d", Bilingual("综合衰减系数", "decay rate")),
    "L": Symbol("m", Bilingual("河段长度", "length of the zone")),
    "u": Symbol("m/s", Bilingual("设计流速", "velocity"), False),
    "n": Symbol("", Bilingual("等分段数", "equal sub-reaches"), False),
    "b": Symbol("", Bilingual("不均匀系数", "unevenness coefficient")),
    "h": Symbol("m", Bilingual("水深", "depth"), False),
    "Ey": Symbol("m2/s", Bilingual("横向扩散系数", "transverse mixing"), False),
    "x": Symbol("m", Bilingual("至控制点的距离", "distance to the control point")),
    "Ex": Symbol("m2/s", Bilingual("潮平均纵向离散系数", "tidal mean dispersion"), False),
    "V": Symbol("m3", Bilingual("湖库容积", "volume"), False),
    "Qout": Symbol("m3/s", Bilingual("出湖流量", "outflow")),
    "phi": Symbol("rad", Bilingual("扩散角", "angle of spread"), False),
    "hl": Symbol("m", Bilingual("扩散区平均水深", "depth of the spreading zone"), False),
    "r": Symbol("m", Bilingual("计算点至排放口的距离", "distance from the outfall")),
    "Ps": Symbol("g/m3", Bilingual("磷（氮）控制浓度", "target of phosphorus (nitrogen)")),
    "A": Symbol("m2", Bilingual("水面面积", "surface"), False),
    "Qa": Symbol("m3/a", Bilingual("年出湖水量", "annual outflow")),
    "Rp": Symbol("", Bilingual("滞留系数", "retention")),
    "Z": Symbol("m", Bilingual("平均水深", "mean depth"), False),
    "P_target": Symbol("mg/m3", Bilingual("湖水磷控制浓度", "target of phosphorus in the lake")),
    "Tw": Symbol("a", Bilingual("水力停留时间", "residence time of water")),
}


@dataclass(frozen=True, slots=True)
class CapacityModel:
    """One model: its name, formula, place in the standard, inputs, and the unit of what it gives.

    `rate` tells whether the result is a load per time; a stock (存量) must not be added to loads.
    """

    key: str
    name: Bilingual
    formula: str
    clause: str
    needs: tuple[str, ...]
    unit: str
    compute: Callable[[Inputs, Settings], float] = field(repr=False)
    optional: Mapping[str, str | float] = field(default_factory=dict)
    exponent: Callable[[Inputs], float] | None = field(default=None, repr=False)
    left_of: Callable[[Inputs], float] | None = field(default=None, repr=False)

    @property
    def rate(self) -> bool:
        """Whether it gives a load per time."""
        return self.unit in ("g/s", "t/a")


class RiverSize(StrEnum):
    """Size of a river by its flow (河流规模)."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"


class CapacityFlag(NamedTuple):
    """Something to know before the number is used; `code` is for machines."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Capacity:
    """A capacity, never without its model.

    Attributes
    ----------
    value
        In the unit of the model; negative where there is none left, and then shown as a deficit.
    flags
        What speaks against it.
    settings
        The settings it was made by.
    """

    model: CapacityModel
    value: float
    inputs: Inputs
    flags: tuple[CapacityFlag, ...]
    settings: Settings = field(repr=False)

    @property
    def unit(self) -> str:
        """Unit of the value."""
        return self.model.unit

    @property
    def days(self) -> int:
        """Days of the year behind t/a."""
        return int(self.settings["days_of_year"])

    @property
    def grams_per_second(self) -> float | None:
        """The capacity in g/s; None for what is not a load per time."""
        if self.unit == "t/a":
            return self.value * _G_PER_T / (DAY_S * self.days)
        return self.value if self.unit == "g/s" else None

    @property
    def tonnes_per_year(self) -> float | None:
        """The capacity in t/a over `days`; None for what is not a load per time."""
        if self.unit == "g/s":
            return self.value * (DAY_S * self.days / _G_PER_T)
        return self.value if self.unit == "t/a" else None

    @property
    def deficit(self) -> float:
        """What is over, as a positive number in the unit of the model; 0 where there is capacity."""
        return max(0.0, -self.value)

    @property
    def usable(self) -> float:
        """What may be given away after the margin of safety (安全余量); 0 where there is none."""
        return max(0.0, self.value) * (1.0 - self.settings.number("margin_of_safety"))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "model": self.model.key,
            "name": self.model.name.both(),
            "formula": self.model.formula,
            "clause": self.model.clause,
            "value": self.value,
            "unit": self.unit,
            "g_per_s": self.grams_per_second,
            "t_per_a": self.tonnes_per_year,
            "days_of_year": self.days,
            "deficit": self.deficit,
            "usable": self.usable,
            "margin_of_safety": self.settings["margin_of_safety"],
            "inputs": dict(self.inputs),
            "flags": [{"code": flag.code, "text": flag.text.both()} for flag in self.flags],
            "settings": self.settings.version,
        }


def _kappa(i: Inputs) -> float:
    """Return KL/u without unit: rates are given per day."""
    return i["K"] * i["L"] / (DAY_S * i["u"])


def _kappa_x(i: Inputs) -> float:
    return i["K"] * i["x"] / (DAY_S * i["u"])


def _decayed(i: Inputs) -> float:
    return i["C0"] * math.exp(-_kappa(i))


def _river_1d_spread(i: Inputs, _s: Settings) -> float:
    kappa = _kappa(i)
    per_decay = 1.0 if kappa == 0 else kappa / -math.expm1(-kappa)
    return (i["Cs"] - _decayed(i)) * i["Q"] * per_decay * i["b"]


def _river_1d_control(i: Inputs, _s: Settings) -> float:
    decayed = -math.expm1(-_kappa(i) / i["n"])
    return (i["Cs"] - i["C0"]) * i["Q"] + i["n"] * i["Cs"] * decayed * i["Q"]


def _plume(i: Inputs) -> float:
    return i["h"] * math.sqrt(math.pi * i["Ey"] * i["x"] * i["u"])


def _estuary(i: Inputs, _s: Settings, side: int) -> float:
    """Return the load that brings the target at x; `side` is -1 towards the river, +1 towards the sea."""
    n = math.sqrt(1.0 + 4.0 * i["K"] / DAY_S * i["Ex"] / i["u"] ** 2)
    shape = math.exp(-i["u"] * i["x"] * (n - side) / (2.0 * i["Ex"]))
    return (i["Cs"] - i["C0"]) * (i["Q"] + i["Qp"]) * n / shape


def _spread_exponent(i: Inputs) -> float:
    return i["K"] / DAY_S * i["phi"] * i["hl"] * i["r"] ** 2 / (2.0 * i["Qp"])


def _dillon_area(i: Inputs) -> float:
    return i["Ps"] * i["h"] * i["Qa"] / ((1.0 - i["Rp"]) * i["V"])


def _hetian(i: Inputs, s: Settings) -> float:
    turnover = i["Qa"] / i["V"] + s["hetian_settling"] / i["Z"]
    return float(s["hetian_coefficient"] * i["Cs"] * i["h"] * turnover * i["A"])


def _oecd(i: Inputs, s: Settings) -> float:
    return float((i["P_target"] / s["oecd_factor"]) ** (1.0 / s["oecd_power"]) * (1.0 + math.sqrt(i["Tw"])))


_RIVER = ("Q", "C0", "Cs", "K", "L", "u")
_LAKE = ("V", "Qout", "C0", "Cs", "K")
_ESTUARY = ("Q", "Qp", "C0", "Cs", "K", "Ex", "u", "x")
_DILLON = ("Ps", "h", "A", "Qa", "V", "Rp")


_RIVER_PLACE = f"{STANDARD}：河流"
_LAKE_PLACE = f"{STANDARD}：湖（库）"

_RIVER_MODELS = (
    CapacityModel(
        "river_0d",
        Bilingual("河流零维模型", "river, zero-dimensional"),
        "M = (Cs − C0)(Q + Qp)",
        _RIVER_PLACE,
        ("Q", "Qp", "C0", "Cs"),
        "g/s",
        lambda i, _s: (i["Cs"] - i["C0"]) * (i["Q"] + i["Qp"]),
        left_of=lambda i: i["C0"],
    ),
    CapacityModel(
        "river_1d_standard",
        Bilingual("河流一维模型（规程式）", "river, one-dimensional, form of the standard"),
        "M = (Cs − C0·e^(−KL/u))(Q + Qp)",
        _RIVER_PLACE,
        ("Q", "Qp", "C0", "Cs", "K", "L", "u"),
        "g/s",
        lambda i, _s: (i["Cs"] - _decayed(i)) * (i["Q"] + i["Qp"]),
        left_of=_decayed,
    ),
    CapacityModel(
        "river_1d_middle",
        Bilingual("河流一维模型（排污口概化于河段中点）", "river, one-dimensional, outfall at mid-reach"),
        "M = (Cs − C0·e^(−KL/u))·e^(KL/2u)·Q",
        _RIVER_PLACE,
        _RIVER,
        "g/s",
        lambda i, _s: (i["Cs"] - _decayed(i)) * math.exp(_kappa(i) / 2.0) * i["Q"],
        exponent=lambda i: _kappa(i) / 2.0,
        left_of=_decayed,
    ),
    CapacityModel(
        "river_1d_top",
        Bilingual("河流一维模型（排污口概化于段首）", "river, one-dimensional, outfall at the top"),
        "M = (Cs·e^(KL/u) − C0)·Q",
        _RIVER_PLACE,
        _RIVER,
        "g/s",
        lambda i, _s: (i["Cs"] * math.exp(_kappa(i)) - i["C0"]) * i["Q"],
        exponent=_kappa,
        left_of=_decayed,
    ),
    CapacityModel(
        "river_1d_control",
        Bilingual("河流一维模型（段首控制）", "river, one-dimensional, whole zone complies"),
        "M = (Cs − C0)·Q + Σ Cs·(1 − e^(−Kl/u))·Q，l = L/n",
        _RIVER_PLACE,
        _RIVER,
        "g/s",
        _river_1d_control,
        optional={"n": 1.0},
        left_of=lambda i: i["C0"],
    ),
    CapacityModel(
        "river_1d_spread",
        Bilingual("河流一维模型（排污口沿程均匀分布）", "river, one-dimensional, loads spread evenly"),
        "M = (Cs − C0·e^(−κ))·Q·κ/(1 − e^(−κ))·b，κ = KL/u",
        _RIVER_PLACE,
        _RIVER,
        "g/s",
        _river_1d_spread,
        optional={"b": "unevenness"},
        left_of=_decayed,
    ),
    CapacityModel(
        "river_2d_bank",
        Bilingual("河流二维模型（岸边排放）", "river, two-dimensional, outfall at the bank"),
        "M = (Cs·e^(Kx/u) − C0)·h·√(π·Ey·x·u)",
        _RIVER_PLACE,
        ("C0", "Cs", "K", "h", "Ey", "u", "x"),
        "g/s",
        lambda i, _s: (i["Cs"] * math.exp(_kappa_x(i)) - i["C0"]) * _plume(i),
        exponent=_kappa_x,
        left_of=lambda i: i["C0"] * math.exp(-_kappa_x(i)),
    ),
    CapacityModel(
        "estuary_upstream",
        Bilingual("河口一维模型（潮平均，控制点在上游侧）", "estuary, tidal mean, control point upstream"),
        "M = (Cs − C0)(Q + Qp)·N·e^(u·x(1 + N)/2Ex)，N = √(1 + 4K·Ex/u²)",
        f"{STANDARD}：河口",
        _ESTUARY,
        "g/s",
        lambda i, s: _estuary(i, s, -1),
        left_of=lambda i: i["C0"],
    ),
    CapacityModel(
        "estuary_downstream",
        Bilingual("河口一维模型（潮平均，控制点在下游侧）", "estuary, tidal mean, control point downstream"),
        "M = (Cs − C0)(Q + Qp)·N·e^(−u·x(1 − N)/2Ex)，N = √(1 + 4K·Ex/u²)",
        f"{STANDARD}：河口",
        _ESTUARY,
        "g/s",
        lambda i, s: _estuary(i, s, 1),
        left_of=lambda i: i["C0"],
    ),
)


_LAKE_MODELS = (
    CapacityModel(
        "lake_mixed",
        Bilingual("湖（库）均匀混合模型（稳态）", "lake, mixed, steady"),
        "M = Cs·(Qout + K·V) − C0·Qout",
        _LAKE_PLACE,
        _LAKE,
        "g/s",
        lambda i, _s: i["Cs"] * (i["Qout"] + i["K"] / DAY_S * i["V"]) - i["C0"] * i["Qout"],
        left_of=lambda i: (
            i["C0"] * i["Qout"] / (i["Qout"] + i["K"] / DAY_S * i["V"]) if i["Qout"] + i["K"] > 0 else 0.0
        ),
    ),
    CapacityModel(
        "lake_stock",
        Bilingual("湖（库）静态存量（不是负荷）", "lake, static stock (no load)"),
        "M = (Cs − C0)·V",
        _LAKE_PLACE,
        ("V", "C0", "Cs"),
        "kg",
        lambda i, _s: (i["Cs"] - i["C0"]) * i["V"] / 1000.0,
    ),
    CapacityModel(
        "lake_spread",
        Bilingual("湖（库）非均匀混合模型", "lake, not mixed"),
        "M = (Cs − C0)·e^(K·φ·hl·r²/2Qp)·Qp",
        _LAKE_PLACE,
        ("C0", "Cs", "K", "phi", "hl", "r", "Qp"),
        "g/s",
        lambda i, _s: (i["Cs"] - i["C0"]) * math.exp(_spread_exponent(i)) * i["Qp"],
        exponent=_spread_exponent,
        left_of=lambda i: i["C0"],
    ),
    CapacityModel(
        "reservoir_practice",
        Bilingual("水库实用式（无出流、不计背景）", "reservoir in practice, no through-flow"),
        "M = K·V·Cs·b",
        "public practice; the mixed lake with Qout → 0 and C0 left out",
        ("K", "V", "Cs"),
        "g/s",
        lambda i, _s: i["K"] / DAY_S * i["V"] * i["Cs"] * i["b"],
        optional={"b": "unevenness"},
    ),
    CapacityModel(
        "lake_dillon_area",
        Bilingual("狄龙模型：单位面积允许负荷", "Dillon, load per surface"),
        "Ls = Ps·h·Qa/((1 − Rp)·V)",
        _LAKE_PLACE,
        tuple(name for name in _DILLON if name != "A"),
        "g/(m2.a)",
        lambda i, _s: _dillon_area(i),
    ),
    CapacityModel(
        "lake_dillon",
        Bilingual("狄龙模型", "Dillon"),
        "M = Ls·A，Ls = Ps·h·Qa/((1 − Rp)·V)",
        _LAKE_PLACE,
        _DILLON,
        "t/a",
        lambda i, _s: _dillon_area(i) * i["A"] / _G_PER_T,
    ),
    CapacityModel(
        "lake_hetian",
        Bilingual("合田健模型", "Hetian"),
        "M = 2.7×10⁻⁶·Cs·h·(Qa/V + 10/Z)·A",
        _LAKE_PLACE,
        ("Cs", "h", "Qa", "V", "Z", "A"),
        "t/a",
        _hetian,
    ),
    CapacityModel(
        "lake_oecd",
        Bilingual("经合组织关系：允许入湖浓度", "OECD, allowed inflow concentration"),
        "P = 1.55·[Pin/(1 + √Tw)]^0.82",
        "OECD 1982",
        ("P_target", "Tw"),
        "mg/m3",
        _oecd,
    ),
    CapacityModel(
        "lake_vollenweider",
        Bilingual("沃伦韦德尔模型：允许入湖浓度", "Vollenweider, allowed inflow concentration"),
        "P = Pin/(1 + √Tw)",
        "Vollenweider 1976",
        ("P_target", "Tw"),
        "mg/m3",
        lambda i, _s: i["P_target"] * (1.0 + math.sqrt(i["Tw"])),
    ),
)

#: The models by key.
MODELS: Mapping[str, CapacityModel] = {model.key: model for model in (*_RIVER_MODELS, *_LAKE_MODELS)}


def capacity(model: str, inputs: Inputs, chosen: Settings | None = None) -> Capacity:
    """Return the capacity of a water by one model.

    Parameters
    ----------
    model
        A key of `MODELS`.
    inputs
        The symbols that the model needs, in the units of `SYMBOLS`; others are refused.
    chosen
        Settings of ``capacity``; None: those delivered, in force today.

    Raises
    ------
    CallError
        If there is no such model, an input is missing, unknown, negative or zero where it divides.

    Notes
    -----
    GB/T 25173-2010; the place of each formula in it is from memory.
    """
    if model not in MODELS:
        raise CallError(
            Text("没有名为“{model}”的纳污能力模型。", model=model),
            remedy=Text("可用的模型：{names}。", names="、".join(MODELS)),
        )
    used, found = chosen or settings("capacity"), MODELS[model]
    checked = _checked(found, inputs, used)
    value = found.compute(checked, used)
    return Capacity(found, value, checked, _flags(found, checked, value, used), used)


def side_by_side(inputs: Inputs, chosen: Settings | None = None) -> tuple[Capacity, ...]:
    """Return the answers of every model of a load for which all inputs are given, side by side."""
    used = chosen or settings("capacity")
    return tuple(
        capacity(
            model.key,
            {name: inputs[name] for name in (*model.needs, *model.optional) if name in inputs},
            used,
        )
        for model in MODELS.values()
        if model.rate and set(model.needs) <= set(inputs)
    )


def _checked(model: CapacityModel, inputs: Mapping[str, float], chosen: Settings) -> Inputs:
    known = (*model.needs, *model.optional)
    missing = [name for name in model.needs if name not in inputs]
    strange = [name for name in inputs if name not in known]
    if missing or strange:
        listed = "、".join(f"{name}（{SYMBOLS[name].label}，{SYMBOLS[name].unit or '—'}）" for name in known)
        what = (
            Text("{model}缺少输入：{names}。", model=model.name, names="、".join(missing))
            if missing
            else Text("{model}不用输入：{names}。", model=model.name, names="、".join(strange))
        )
        raise CallError(what, remedy=Text("该模型的输入：{listed}。", listed=listed))
    filled = {
        name: float(chosen[default]) if isinstance(default, str) else default
        for name, default in model.optional.items()
    } | {name: float(value) for name, value in inputs.items()}
    for name, value in filled.items():
        symbol = SYMBOLS[name]
        divides = not symbol.zero or (name == "Qp" and model.key == "lake_spread")
        if not math.isfinite(value) or value < 0 or (divides and value == 0):
            raise CallError(
                Text("{name}（{label}）不能是 {value}。", name=name, label=symbol.label, value=value),
                remedy=Text("请填写{kind}的数，单位：{unit}。", kind=_kind(divides), unit=symbol.unit or "—"),
            )
    if filled.get("Rp", 0.0) >= 1.0:
        raise CallError(
            Text("滞留系数 Rp 不能是 {value}。", value=filled["Rp"]),
            remedy=Text("请填写小于 1 的数：1 − 出湖量/入湖量。"),
        )
    return filled


def _kind(divides: bool) -> Text:
    return Text("大于 0") if divides else Text("不小于 0")


def _flags(model: CapacityModel, i: Inputs, value: float, chosen: Settings) -> tuple[CapacityFlag, ...]:
    flags: list[CapacityFlag] = []
    if value < 0:
        text = Text("无纳污能力，超出 {deficit:.6g} {unit}。", deficit=-value, unit=model.unit)
        flags.append(CapacityFlag("no-capacity", text))
    if model.left_of is not None and model.left_of(i) > i["Cs"]:
        arriving = model.left_of(i)
        flags.append(
            CapacityFlag(
                "upstream-fails",
                Text(
                    "上游来水到控制点为 {arriving:.4g} mg/L，已超过目标 {target:.4g} mg/L。",
                    arriving=arriving,
                    target=i["Cs"],
                ),
            )
        )
    if model.exponent is not None and (power := model.exponent(i)) > chosen["exponent_warning"]:
        text = Text(
            "指数项为 {power:.3g}，大于 {limit}，结果不可靠。", power=power, limit=chosen["exponent_warning"]
        )
        flags.append(CapacityFlag("exponent", text))
    if not model.rate:
        flags.append(
            CapacityFlag("not-a-load", Text("单位是 {unit}，不是负荷，不得与负荷相加。", unit=model.unit))
        )
    if model.key.startswith("river") and "Q" in i:
        size = river_size(i["Q"], chosen)
        flags.append(CapacityFlag(f"river-{size.value}", Text("按设计流量属{size}。", size=_SIZES[size])))
        if size is RiverSize.LARGE:
            text = Text("大河宜用二维模型：排放后不会在全断面混匀。")
            flags.append(CapacityFlag("large-river-not-2d", text))
    return tuple(flags)


_SIZES = {RiverSize.LARGE: Text("大河"), RiverSize.MEDIUM: Text("中河"), RiverSize.SMALL: Text("小河")}


def river_size(flow: float, chosen: Settings | None = None) -> RiverSize:
    """Return the size of a river by its design flow (m³/s): large from 150, small up to 15 (HJ/T 2.3-93)."""
    used = chosen or settings("capacity")
    if flow >= used["river_large_from"]:
        return RiverSize.LARGE
    return RiverSize.SMALL if flow <= used["river_small_to"] else RiverSize.MEDIUM


def lake_concentration(
    time_s: float, *, load: float, start: float, volume: float, outflow: float, rate_per_day: float
) -> float:
    """Return the concentration (mg/L) of a mixed lake after a time, under a constant load.

    Parameters
    ----------
    time_s
        Since the start, s.
    load
        All that enters, g/s.
    start
        Concentration at the start, mg/L.
    volume, outflow, rate_per_day
        m³, m³/s, 1/d.

    Notes
    -----
    GB/T 25173-2010: C(t) = W/(K_h V) + (C0 − W/(K_h V))·e^(−K_h t), K_h = Q/V + K.
    """
    turnover = outflow / volume + rate_per_day / DAY_S
    left = math.exp(-turnover * time_s)
    entered = time_s if turnover == 0 else -math.expm1(-turnover * time_s) / turnover
    return start * left + load / volume * entered


def phosphorus_retention(load_in: float, load_out: float) -> float:
    """Return the retention R_p = 1 − W_out/W_in of a lake; both loads in the same unit.

    Raises
    ------
    CallError
        If nothing enters.
    """
    if load_in <= 0:
        raise CallError(
            Text("入湖量为 {load}，算不出滞留系数。", load=load_in), remedy=Text("请填写大于 0 的入湖量。")
        )
    return 1.0 - load_out / load_in
