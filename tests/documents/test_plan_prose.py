"""A programme in prose: each heading whose text ends with duties in brackets is a task."""

from bishui.documents import read_plan_bytes
from bishui.documents.prose import duties

PROGRAMME = """云县入河排污口监督管理工作实施方案
（2031—2033年）

为加强管理，制定本方案。

一、总体要求

（一）工作目标。有序推进。

2031年底前，完成辖区内排污口总数30%的整治；建成管理平台。

二、重点任务

（一）查清底数。全面开展排查（含支流）。掌握去向。（云县甲局牵头，县乙局、丙局按职责分工负责，各乡镇、雁岭管理区配合落实）

（二）明确责任。分两步做。

先查后改。（责任单位：县甲局，县丁委）

（三）不设分工。只有要求（见附件）。
"""


def test_tasks_of_a_programme() -> None:
    first, second = read_plan_bytes(PROGRAMME.encode(), "p.txt").tasks
    assert (first.seq, first.section, first.theme) == (1, ("二、重点任务",), "查清底数")
    assert first.content == "全面开展排查（含支流）。掌握去向。"
    assert first.lead.units == ("云县甲局",)
    assert (first.responsible.units, first.responsible.by_duty) == (("县乙局", "丙局"), True)
    assert first.cooperating.units == ("各乡镇", "雁岭管理区")
    assert second.content == "分两步做。先查后改。"
    assert second.responsible.units == ("县甲局", "县丁委")
    assert second.lines == (16, 18)


def test_steps_and_period_of_a_programme() -> None:
    draft = read_plan_bytes(PROGRAMME.encode(), "p.txt")
    assert (draft.doc.kind, draft.doc.period) == ("outfall_programme", (2031, 2033))
    assert [(step.due, step.kind, step.op, step.value, step.unit) for step in draft.milestones] == [
        ("2031-12-31", "remediation", ">=", "30", "%"),
        ("2031-12-31", "system", None, None, None),
    ]
    assert "not understood" not in draft.coverage_counts()


def test_a_list_without_a_word_for_its_role_is_responsible() -> None:
    assert duties("县甲局负责")["responsible"].units == ("县甲局",)
    assert duties("县甲局、乙局")["responsible"].units == ("县甲局", "乙局")
    assert duties("县甲局牵头；县乙局，县丙局")["responsible"].units == ("县乙局", "县丙局")
