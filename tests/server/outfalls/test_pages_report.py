"""The report of 25 June and 25 December: counted from the register as it stood on the report's day."""

from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from bishui.observations import escape_formula
from bishui.outfalls import next_report, report_days
from bishui.reports import Table, to_docx, to_xlsx
from bishui.server.core import clock
from bishui.server.outfalls import milestones, services
from bishui.server.reporting import periods, queries
from bishui.server.reporting import services as reporting
from bishui.server.reporting.compose import compose
from tests.server.conftest import CITY, COUNTY_A


def test_the_days_are_data_25_june_and_25_december():
    assert [(entry.month, entry.day) for entry in report_days()] == [(6, 25), (12, 25)]
    assert next_report(date(2025, 6, 25))[1] == date(2025, 6, 25)
    assert next_report(date(2025, 12, 26))[1] == date(2026, 6, 25)


@pytest.mark.django_db
def test_it_counts_what_was_found_by_its_day_and_names_who_is_lacking(instance):
    for name, day in (("听螺村1#排口", date(2025, 3, 1)), ("拂苇村2#排口", date(2025, 9, 1))):
        with clock.on(day):
            services.find_outfall(name, division=COUNTY_A, actor="system", abnormal="yes")
    milestones.define(
        CITY,
        actor="system",
        name="年底前完成30%",
        due=date(2025, 12, 31),
        percent=30,
        denominator="abnormal",
        numerator="signed_off",
        source="方案一（二）",
    )
    scope = periods.scope_of(CITY, "outfalls_half", 2025, None, today=date(2025, 10, 1), as_of=None)
    lead = instance.users["bureau_lead@city"]
    report = reporting.create(scope, actor=lead, at=datetime(2025, 10, 1, 9))
    document = compose(queries.live_inputs(report))
    tables = {block.label: block for block in document.blocks if isinstance(block, Table)}
    assert tables["table:outfall_stages"].rows[0][1].text == "1"
    assert tables["table:outfall_milestones"].rows[0][6].text == "不适用"
    assert to_docx(document).startswith(b"PK")
    book = load_workbook(BytesIO(to_xlsx(document, escape=escape_formula)))
    written = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "听螺村1#排口" in written
    assert "拂苇村2#排口" not in written
