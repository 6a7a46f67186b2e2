"""Forms that contradict what is known now: a person decides, and nothing is lost either way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bishui.errors import CallError, Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.core import audit
from bishui.server.field import receiving
from bishui.server.field.envelope import read
from bishui.server.field.models import Submission
from bishui.server.outfalls.models import Outfall

#: What can be decided: it counts, it belongs to another outfall, it is kept without counting.
DECISIONS = {
    "record": Text("照原样入库"),
    "attach": Text("归到指定的排污口"),
    "set_aside": Text("留存，不入库"),
}


def decide(
    submission: Submission, decision: str, *, actor: Any, why: str, code: str = "", where: str = ""
) -> None:
    """Decide on a form that is in conflict or was refused; the forms that waited for it follow.

    Parameters
    ----------
    code
        Code of the outfall that it belongs to, where `decision` is ``attach``.

    Raises
    ------
    Conflict
        If it is decided already.
    DataError
        If no reason, or no such outfall, is given.
    """
    if decision not in DECISIONS:
        raise CallError(Text("没有裁定“{decision}”。", decision=decision))
    if submission.fate not in ("conflict", "refused"):
        raise Conflict(Text("表单已经处理，不能再裁定。"), remedy=Text("请刷新页面。"))
    if not why.strip():
        raise DataError(
            Text("没有写明裁定理由。"), remedy=Text("请填写理由，它记入留痕。"), where=Where(field="why")
        )
    chosen = _outfall(code, submission) if decision == "attach" else None
    with audit.action("field.decided", actor=actor, where=where, why=why, decision=str(DECISIONS[decision])):
        _carry_out(submission, decision, chosen)
        submission.decision, submission.decided_why = decision, why.strip()[:500]
        submission.decided_by = actor.get_username()
        submission.decided_at = datetime.now().replace(microsecond=0)
        submission.save()
    if submission.fate in ("done", "set_aside"):
        receiving.resume(str(submission.client_id), where=where)


def _carry_out(submission: Submission, decision: str, chosen: Outfall | None) -> None:
    envelope = read(submission.payload)
    if decision == "set_aside":
        receiving.set_aside(submission, envelope)
    elif chosen is not None and envelope.kind == "discovery":
        # What was found is known already: nothing new, but its photographs and visits go there.
        submission.outfall, submission.outfall_name = chosen.pk, str(chosen)
        submission.fate, submission.waits_for = "done", ""
    else:
        receiving.settle(submission, envelope, decided=True, chosen=chosen)


def _outfall(code: str, submission: Submission) -> Outfall:
    city = submission.division.partition("/")[0] + "/"
    found = Outfall.objects.filter(code=code.strip(), division__startswith=city, merged_into="").first()
    if found is None:
        raise DataError(
            Text("没有编码为“{code}”的排污口。", code=code),
            remedy=Text("请填写本市一个未被合并的排污口的编码。"),
            where=Where(field="code"),
        )
    return found
