"""What a transition must be given (佐证材料): kinds of answers, read from the texts of a form into values.

A transition's evidence is data of its workflow file; so are the bounds of each answer. What was given is kept
with the event as JSON holds it; the record is handed the values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from bishui.errors import DataError, Problem, Where
from bishui.i18n import Bilingual, Text
from bishui.server.core import clock

#: Kinds of evidence. `files` and `choices` are lists; `register` is the key of a record of a register.
KINDS = ("text", "file", "files", "date", "choice", "choices", "number", "yes_no", "register")
_ANSWERS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that a transition is given.

    Attributes
    ----------
    required
        Whether nothing moves without it.
    required_when
        ``(key, answers)``: it is required where another answer of the same transition is one of these.
    least, most
        Bounds of a number; how many files or choices at least.
    digits
        Digits after the point that a number may have.
    not_future
        Whether a date may not lie after the present day.
    longest
        Characters that a text may have.
    unit
        Unit of a number, to be shown.
    options
        Choices, by what is kept.
    options_of
        Name of a list of choices that the record knows (`OwnedRecord.evidence_options`).
    register
        Register whose key is asked for.
    """

    key: str
    label: Bilingual
    kind: str = "text"
    required: bool = True
    required_when: tuple[str, tuple[str, ...]] | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    digits: int = 4
    not_future: bool = False
    longest: int = 4000
    unit: str = ""
    options: tuple[tuple[str, Bilingual], ...] = ()
    options_of: str = ""
    register: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is handed in as one file or several."""
        return self.kind in ("file", "files")

    @property
    def is_list(self) -> bool:
        """Whether several are given."""
        return self.kind in ("files", "choices")

    def wanted(self, given: Mapping[str, Any]) -> bool:
        """Tell whether it must be given beside what is given."""
        if self.required_when is None:
            return self.required
        key, answers = self.required_when
        return str(given.get(key, "")) in answers


def parse_evidence(data: Mapping[str, Any]) -> Evidence:
    """Build one entry from its table in a workflow file.

    Raises
    ------
    ValueError
        If its kind is unknown, or a choice has nothing to choose from.
    """
    kind = data.get("kind", "text")
    if kind not in KINDS:
        raise ValueError(f"evidence {data['key']}: unknown kind {kind!r}")
    options = tuple(
        (item["value"], Bilingual(item["label_zh"], item.get("label_en", "")))
        for item in data.get("options", [])
    )
    if kind in ("choice", "choices") and not options and "options_of" not in data:
        raise ValueError(f"evidence {data['key']}: nothing to choose from")
    when = data.get("required_when")
    return Evidence(
        key=data["key"],
        label=Bilingual(data["label_zh"], data.get("label_en", "")),
        kind=kind,
        required=data.get("required", when is None),
        required_when=(when["key"], tuple(when["values"])) if when else None,
        least=_decimal(data.get("least")),
        most=_decimal(data.get("most")),
        digits=data.get("digits", 4),
        not_future=data.get("not_future", False),
        longest=data.get("longest", 4000),
        unit=data.get("unit", ""),
        options=options,
        options_of=data.get("options_of", ""),
        register=data.get("register", ""),
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def options(part: Evidence, record: Any) -> Mapping[str, Bilingual]:
    """Return what may be chosen: what is kept, with its name."""
    if part.options_of:
        found: Mapping[str, Bilingual] = record.evidence_options(part.options_of)
        return found
    return dict(part.options)


def read(parts: Sequence[Evidence], given: Mapping[str, Any], record: Any) -> dict[str, Any]:
    """Return the values of what was given, by key; empty answers are left out.

    Parameters
    ----------
    parts
        What the transition asks for. Answers under other keys are kept as texts.
    given
        Texts of a form, identifiers of stored files (of several, a list), or values already.
    record
        The record that is moved; it knows its lists of choices and its division.

    Raises
    ------
    DataError
        With one `Problem` for every answer that is missing or not what is asked for, by field (its key).
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    known = {part.key: part for part in parts}
    for key, raw in given.items():
        answer = _stripped(raw)
        if answer in ("", None, []):
            continue
        found = _value(known[key], answer, record) if key in known else answer
        if isinstance(found, Problem):
            problems.append(found)
        else:
            values[key] = found
    faulty = {problem.where.field for problem in problems}
    problems += [
        _missing(part)
        for part in parts
        if part.key not in values and part.key not in faulty and part.wanted(values)
    ]
    if problems:
        raise refusal(problems)
    return values


def refusal(problems: Sequence[Problem]) -> DataError:
    """Return the error that tells the first of some problems in words and holds them all, by field."""
    return DataError(problems[0].what, remedy=problems[0].remedy, problems=problems)


def _stripped(raw: Any) -> Any:
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, list | tuple | set | frozenset):
        return [_stripped(item) for item in raw if str(item).strip()]
    return raw


def _missing(part: Evidence) -> Problem:
    return Problem(
        "evidence-missing",
        Text("须填写“{part}”。", part=part.label),
        Text("请补充后再办理。"),
        Where(field=part.key),
    )


def _fault(part: Evidence, answer: Any, remedy: Text) -> Problem:
    return Problem(
        f"evidence-{part.kind}",
        Text("“{part}”不能是“{given}”。", part=part.label, given=answer),
        remedy,
        Where(field=part.key),
        str(answer),
    )


def _value(part: Evidence, answer: Any, record: Any) -> Any:
    """Return the value of one answer, or the problem with it."""
    if part.is_list:
        answers = answer if isinstance(answer, list) else [answer]
        return _several(part, list(dict.fromkeys(str(item) for item in answers)), record)
    if isinstance(answer, list):
        return _fault(part, "、".join(map(str, answer)), Text("只能填写一项。"))
    return _READERS[part.kind](part, answer, record)


def _several(part: Evidence, answers: list[str], record: Any) -> list[str] | Problem:
    reader = _file if part.kind == "files" else _choice
    for item in answers:
        found = reader(part, item, record)
        if isinstance(found, Problem):
            return found
    if part.least is not None and len(answers) < part.least:
        return _fault(part, len(answers), Text("至少须有 {least} 项。", least=part.least))
    return answers


def _text(part: Evidence, answer: Any, record: Any) -> str | Problem:
    text = str(answer)
    if len(text) > part.longest:
        return _fault(part, f"{text[:20]}…", Text("最多 {longest} 个字。", longest=part.longest))
    return text


def _date(part: Evidence, answer: Any, record: Any) -> date | Problem:
    try:
        day = answer if isinstance(answer, date) else date.fromisoformat(str(answer))
    except ValueError:
        return _fault(part, answer, Text("请按“年-月-日”填写，例如 2025-06-25。"))
    if part.not_future and day > clock.now().date():
        return _fault(part, answer, Text("不能晚于今天。"))
    return day


def _number(part: Evidence, answer: Any, record: Any) -> Decimal | Problem:
    try:
        value = Decimal(str(answer).replace(",", ""))
    except InvalidOperation:
        return _fault(part, answer, Text("请填写数字。"))
    if not value.is_finite():
        return _fault(part, answer, Text("请填写数字。"))
    if part.least is not None and value < part.least:
        return _fault(part, answer, Text("不得小于 {least}。", least=part.least))
    if part.most is not None and value > part.most:
        return _fault(part, answer, Text("不得大于 {most}。", most=part.most))
    if -int(value.as_tuple().exponent) > part.digits:
        return _fault(part, answer, Text("最多 {digits} 位小数。", digits=part.digits))
    return value


def _choice(part: Evidence, answer: Any, record: Any) -> str | Problem:
    names = options(part, record)
    if str(answer) not in names:
        return _fault(
            part, answer, Text("可选：{names}。", names="、".join(str(name) for name in names.values()))
        )
    return str(answer)


def _yes_no(part: Evidence, answer: Any, record: Any) -> str | Problem:
    return str(answer) if answer in _ANSWERS else _fault(part, answer, Text("请选择“是”或“否”。"))


def _register(part: Evidence, answer: Any, record: Any) -> str | Problem:
    from bishui.server.core import registers

    register = registers.load_all()[part.register]
    found = register.model._default_manager.filter(**{register.key_field: str(answer)}).first()
    if found is None or not _of_same_city(found, record):
        return _fault(
            part, answer, Text("请先在“{title}”台账中登记，或改填已有的编码。", title=register.title)
        )
    return str(answer)


def _of_same_city(given: Any, record: Any) -> bool:
    return bool(given.division.split("/")[0] == record.division.split("/")[0])


def _file(part: Evidence, answer: Any, record: Any) -> str | Problem:
    """Take the identifier of a file that was kept, for the same city as the record."""
    from bishui.server.core.models import StoredFile

    try:
        stored = StoredFile.objects.filter(pk=UUID(str(answer))).first()
    except ValueError:
        stored = None
    if stored is None or not _of_same_city(stored, record):
        return _fault(part, answer, Text("请重新上传文件。"))
    return str(stored.pk)


_READERS = {
    "text": _text,
    "file": _file,
    "date": _date,
    "choice": _choice,
    "number": _number,
    "yes_no": _yes_no,
    "register": _register,
}
