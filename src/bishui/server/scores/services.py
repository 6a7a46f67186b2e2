"""Writes of this app: a new version of a scheme, a judgement, a release."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.scoring import Rubric, find_rubric, rubric_of
from bishui.server.core import audit
from bishui.server.scores.models import Judgement, ReleasedScores, Scheme
from bishui.server.scores.plain import plain


def save_version(
    division: str,
    data: Mapping[str, Any],
    *,
    seen: int,
    why: str,
    actor: Any,
    at: datetime,
    where: str = "",
) -> Scheme:
    """Let a new version of a scheme come into force.

    Parameters
    ----------
    data
        The whole rubric as plain data.
    seen
        The version that the writer had before the eyes; 0 for the first.

    Raises
    ------
    DataError
        If the rubric has faults, or no reason is given for a change.
    Conflict
        If somebody else saved a version in between.
    """
    rubric = rubric_of(data)
    if seen and not why.strip():
        raise DataError(
            Text("请说明调整评分办法的原因。"),
            remedy=Text("写明依据的文件或会议。"),
            where=Where(field="why"),
        )
    with audit.action(
        "scores.scheme_saved",
        actor=actor,
        where=where,
        why=why,
        division=division,
        title=str(rubric.title),
        number=seen + 1,
    ):
        scheme = Scheme(
            division=division,
            key=rubric.id,
            number=seen + 1,
            title=rubric.title.zh,
            subject=rubric.subject,
            data=plain(data),
            why=why.strip()[:300],
            by=str(actor),
            at=at,
        )
        try:
            with transaction.atomic():
                scheme.save()
        except IntegrityError:
            raise Conflict(
                Text("在您修改期间，同事已保存了“{title}”的新版本。", title=scheme.title),
                remedy=Text("请查看新版本后再改；您刚才的修改未保存。"),
            ) from None
    return scheme


def install(division: str, rubric_id: str, *, actor: Any, at: datetime, where: str = "") -> Scheme:
    """Take over a scheme that comes with the software as the city's first version."""
    rubric = find_rubric(rubric_id)
    return save_version(division, rubric.data, seen=0, why="", actor=actor, at=at, where=where)


def judge(
    scheme: Scheme,
    subject: str,
    fact: str,
    given: str,
    *,
    year: int,
    reason: str,
    version: int | None,
    actor: Any,
    at: datetime,
    where: str = "",
) -> Judgement:
    """Enter a fact that a person judges or counts; an empty text takes it back.

    Parameters
    ----------
    given
        The number as typed.
    version
        The version of the entry that the writer had before the eyes; None where there was none.

    Raises
    ------
    DataError
        If the fact is not one that people enter, the number cannot be, or the reason is missing.
    Conflict
        If somebody else entered it in between.
    """
    value = _checked(scheme.rubric, fact, given, reason)
    record = Judgement.objects.filter(
        division=scheme.division, key=scheme.key, subject=subject, year=year, fact=fact
    ).first()
    if (record.version if record else None) != version:
        raise Conflict(
            Text("在您填写期间，同事已评定了这一项。"),
            remedy=Text("请查看同事的评定后再改；您填写的内容未保存。"),
        )
    record = record or Judgement(
        division=scheme.division, key=scheme.key, subject=subject, year=year, fact=fact
    )
    with audit.action(
        "scores.judged",
        actor=actor,
        where=where,
        why=reason,
        division=scheme.division,
        subject=subject,
        fact=fact,
        value="" if value is None else f"{value:f}",
    ):
        record.value, record.reason, record.by, record.at = value, reason.strip()[:300], str(actor), at
        record.save()
    return record


def _checked(rubric: Rubric, fact: str, given: str, reason: str) -> Decimal | None:
    if fact not in rubric.facts() or not fact.startswith(("judged.", "counted.")):
        raise DataError(Text("“{fact}”不是人工评定的项目。", fact=fact), remedy=Text("请从评分表中选择。"))
    if not given.strip():
        return None
    most = next((rule.points for rule in rubric.all_rules() if fact == f"judged.{rule.id}"), Decimal(10000))
    value = number(given)
    if value is None or not 0 <= value <= most:
        raise DataError(
            Text("应填写 0 至 {most} 的数字，不能是“{given}”。", most=f"{most:f}", given=given),
            remedy=Text("请改正后再保存。"),
            where=Where(field=fact),
        )
    if not reason.strip():
        raise DataError(
            Text("请写明评定依据。"), remedy=Text("如检查记录、文件名称或日期。"), where=Where(field="reason")
        )
    return value


def number(text: str) -> Decimal | None:
    """Return the number that a person typed, full-width digits too, with at most two decimals; or None."""
    plain_text = unicodedata.normalize("NFKC", text).strip()
    try:
        value = Decimal(plain_text)
    except ArithmeticError:
        return None
    exponent = value.as_tuple().exponent
    return value if value.is_finite() and isinstance(exponent, int) and exponent >= -2 else None


def release(
    scheme: Scheme, content: Any, *, year: int, day: date, actor: Any, at: datetime, where: str = ""
) -> ReleasedScores:
    """Release scores as they are: they are kept with every line and never change."""
    with audit.action(
        "scores.released", actor=actor, where=where, division=scheme.division, title=scheme.title
    ):
        made = ReleasedScores(
            division=scheme.division, scheme=scheme, year=year, day=day, content=content, by=str(actor), at=at
        )
        made.save()
    return made
