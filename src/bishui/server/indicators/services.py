"""Writes of this app: a value entered, a value withdrawn."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.core import audit
from bishui.server.indicators.models import IndicatorValue


def add_value(
    target: Any, day: date, given: str, *, source: str, today: date, actor: Any, at: datetime, where: str = ""
) -> IndicatorValue:
    """Enter what a target's indicator was on a day.

    Parameters
    ----------
    given
        The number as typed; its digits are kept.

    Raises
    ------
    DataError
        If it is no number, the day lies ahead, or the source is missing.
    Conflict
        If a value of that day stands already.
    """
    text = unicodedata.normalize("NFKC", given).strip().removesuffix("%").strip()
    value = _number(text, given)
    if day > today:
        raise DataError(
            Text("日期 {day} 还没有到。", day=day.isoformat()),
            remedy=Text("请填写数据所属的日期。"),
            where=Where(field="day"),
        )
    if not source.strip():
        raise DataError(
            Text("请写明数据来源。"), remedy=Text("如统计报表、监测报告的名称。"), where=Where(field="source")
        )
    with audit.action(
        "indicators.value_added",
        actor=actor,
        where=where,
        division=target.division,
        indicator=target.indicator,
        value=text,
        day=day,
    ):
        record = IndicatorValue(
            division=target.division,
            target=target,
            day=day,
            value=value,
            value_text=text,
            source=source.strip()[:300],
            by=str(actor),
            at=at,
        )
        try:
            with transaction.atomic():
                record.save()
        except IntegrityError:
            raise Conflict(
                Text("{day} 已有登记的数值。", day=day.isoformat()),
                remedy=Text("如原数值有误，请先撤销并说明原因。"),
            ) from None
    return record


def _number(text: str, given: str) -> Decimal:
    try:
        value = Decimal(text)
    except ArithmeticError:
        value = Decimal("NaN")
    digits = value.as_tuple().exponent if value.is_finite() else 0
    if not value.is_finite() or abs(value) >= 10**17 or (isinstance(digits, int) and digits < -10):
        raise DataError(
            Text("“{given}”不是可登记的数值。", given=given),
            remedy=Text("请填写一个数，如 85.7；单位按目标的单位。"),
            where=Where(field="value"),
        )
    return value


def withdraw(record: IndicatorValue, *, why: str, actor: Any, where: str = "") -> None:
    """Withdraw a value; it stays in the record with the reason.

    Raises
    ------
    DataError
        If no reason is given.
    """
    if not why.strip():
        raise DataError(Text("请说明撤销的原因。"), remedy=Text("写明哪里有误。"), where=Where(field="why"))
    with audit.action(
        "indicators.value_withdrawn",
        actor=actor,
        where=where,
        why=why,
        indicator=record.target.indicator,
        value=record.value_text,
        day=record.day,
    ):
        record.withdrawn_why = why.strip()[:300]
        record.save()
