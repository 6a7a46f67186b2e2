"""A small invented plan and the ledger it becomes."""

from __future__ import annotations

import pytest

from bishui.server.accounts import services as accounts
from bishui.server.core import imports
from tests.server.conftest import CITY, COUNTY_A, COUNTY_B
from tests.server.kept import once

PLAN = """甲市2025年度水污染防治工作计划

一、水质目标
2025年，全市2个国控断面水质优良比例达100%。

附件：1. 2025年重点工作任务清单
2. 国控断面水质目标表

附件1
2025年重点工作任务清单
序号\t主要任务\t任务内容\t牵头单位\t配合单位\t责任单位\t完成时限
一、工业污染防治
1\t=涉水企业核查\t逐家核查涉水企业的排水去向。\t市生态环境局、住房城乡建设局\t/\t各县、区人民政府\t6月底前
2\t管网改造\t改造污水管网10公里以上。\t市住房城乡建设局\t市生态环境局\t各县、区人民政府\t全年
3\t实施方案\t印发实施方案。\t市生态环境局\t市某某局\t\t印发后20个工作日内

附件2
国控断面水质目标表
序号\t设区市\t考核城市\t考核县\t所属流域\t所在水体名称\t断面名称\t经度\t纬度\t2025年水质目标\t备注
1\t甲市\t甲市\t乙县\t某江\t甲河\t甲河口\t109.4250\t24.3470\tⅢ类\t
2\t甲市\t甲市\t丙县\t某江\t乙河\t乙河桥\t109.10\t24.20\tⅡ类\t
"""


@pytest.fixture
def governments(instance, data_dir):
    """The governments of the two counties, beside the bureaux of the instance."""
    return once("governments", make_governments, data_dir)


def make_governments():
    return {
        code: accounts.save_unit(code, name, division=division, actor="system", kind="government")
        for code, name, division in (("a-gov", "乙县人民政府", COUNTY_A), ("b-gov", "丙县人民政府", COUNTY_B))
    }


@pytest.fixture
def read_in(instance, governments, data_dir):
    """Receive and read a plan; give its session."""

    def read(text: str = PLAN, name: str = "plan.txt"):
        user = instance.users["bureau_lead@city"]
        session = imports.receive("plan", [text.encode()], name, division=CITY, actor=user)
        imports.read(session)
        session.refresh_from_db()
        return session

    return read


@pytest.fixture
def commit(instance):
    """Let the staff submit a session and the lead confirm it; give the session, active."""

    def both(session):
        imports.submit(session, actor=instance.users["bureau_staff@city"])
        imports.start_commit(session, actor=instance.users["bureau_lead@city"])
        imports.finish_commit(session)
        session.refresh_from_db()
        return session

    return both


@pytest.fixture
def imported(read_in, commit, data_dir):
    """The session of the small plan, active."""
    return once("small plan", lambda: commit(read_in()), data_dir)
