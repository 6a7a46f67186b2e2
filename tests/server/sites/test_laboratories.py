"""Spreadsheets of laboratories: guessed, checked by a person, saved as an edition, refused where they differ."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from bishui.errors import Conflict, DataError
from bishui.observations import Mapping
from bishui.server.core import audit, files, imports
from bishui.server.core.models import ImportSession
from bishui.server.sites import laboratories, queries
from bishui.server.sites.models import LaboratoryMapping
from tests.server.conftest import CITY
from tests.server.sites.conftest import lead

HEADS = ("点位", "采样日期", "氨氮(mg/L)", "总磷(mg/L)")
ROWS = (("甲断面", "2021-05-10", "0.52", "0.11"), ("乙断面", "2021-05-10", "0.33", "<0.01"))


def sheet(heads=HEADS, rows=ROWS):
    book = Workbook()
    book.active.append(["甲市监测站水质检测结果表"])
    for row in (heads, *rows):
        book.active.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def kept(content, name="五月.xlsx"):
    with audit.action("core.import_received", actor=lead(), division=CITY, name=name):
        return files.keep([content], name, division=CITY)


@pytest.fixture
def guessed(city):
    return laboratories.guess(kept(sheet()), "甲市监测站", division=CITY, actor=lead())


@pytest.fixture
def saved(guessed):
    laboratories.confirm(guessed, guessed.as_mapping(), actor=lead())
    return guessed


def read(record, content, name="六月.xlsx"):
    session = laboratories.start(record, kept(content, name), division=CITY, actor=lead())
    imports.run_now(session, actor=lead())
    session.refresh_from_db()
    return session


def test_a_guess_reads_nothing_before_a_person_confirmed_it(guessed):
    roles = {column.head: (column.role, column.item) for column in guessed.as_mapping().columns}
    assert roles["氨氮(mg/L)"] == ("result", "nh3n")
    assert roles["点位"][0] == "site" and roles["采样日期"][0] == "time"
    with pytest.raises(Conflict):
        laboratories.start(guessed, guessed.file, division=CITY, actor=lead())


def test_a_confirmed_mapping_reads_the_files_of_its_laboratory(saved):
    session = read(saved, sheet())
    assert session.state == "active", session.problems
    assert session.summary["kept"] == 4
    assert queries.measurements(CITY).num_rows == 4
    assert session.options["laboratory"] == "甲市监测站"


def test_a_file_that_does_not_fit_is_refused_with_the_differences(saved):
    heads = ("点位", "采样日期", "氨氮(μg/L)", "总氮(mg/L)")
    session = read(saved, sheet(heads))
    assert session.state == "unreadable"
    said = " ".join(problem["what"]["zh"] for problem in session.problems)
    assert "总磷" in said and "总氮" in said and "μg/L" in said
    assert queries.measurements(CITY).num_rows == 0


def test_a_changed_layout_becomes_the_next_edition_and_the_earlier_one_stays(saved):
    heads = ("点位", "采样日期", "氨氮(μg/L)", "总磷(mg/L)")
    again = laboratories.guess(kept(sheet(heads), "新.xlsx"), "甲市监测站", division=CITY, actor=lead())
    changes = [str(text) for text in laboratories.differences(saved.as_mapping(), again.as_mapping())]
    assert "多了列“氨氮(μg/L)”" in changes and "少了列“氨氮(mg/L)”" in changes
    laboratories.confirm(again, again.as_mapping(), actor=lead())
    assert sorted(LaboratoryMapping.objects.values_list("edition", flat=True)) == [1, 2]
    assert laboratories.newest(LaboratoryMapping.objects.all()) == {"甲市监测站": again}
    with pytest.raises(Conflict):
        laboratories.confirm(again, again.as_mapping(), actor=lead())


def test_the_mapping_that_fits_is_found_by_the_heads(saved):
    from bishui.observations import read_sheets

    same = read_sheets(kept(sheet(), "same.xlsx").path, name="same.xlsx")
    other = read_sheets(kept(sheet(("点位", "采样日期", "总氮")), "other.xlsx").path, name="other.xlsx")
    assert laboratories.fitting([saved], same) == [saved]
    assert laboratories.fitting([saved], other) == []


def test_a_mapping_without_any_result_is_not_saved(guessed):
    given = guessed.mapping | {"columns": [{"head": "点位", "role": "site"}], "kind": "wide"}
    with pytest.raises(DataError):
        laboratories.confirm(guessed, Mapping.from_dict(given), actor=lead())


def test_a_confirmed_edition_is_never_deleted(saved):
    with pytest.raises(Conflict):
        laboratories.discard(saved, actor=lead())


def upload(client, content=None, file_name="五月.xlsx", **fields):
    file = SimpleUploadedFile(file_name, content or sheet())
    return client.post(reverse("sites:laboratories"), {"file": file, **fields})


def filled(record, **changes):
    """Return what the browser sends where a person leaves the guess as it is, apart from `changes`."""
    mapping = record.as_mapping()
    sent = {"date": mapping.date, "site": mapping.site, "source": mapping.source, "day": ""}
    for number, column in enumerate(mapping.columns):
        sent |= {f"role-{number}": column.role, f"item-{number}": column.item or ""}
        sent |= {f"unit-{number}": column.unit or "", f"limit-{number}": column.limit or ""}
    return sent | changes


def test_the_page_shows_the_guess_beside_the_sheet_and_saves_what_a_person_corrects(city, at):
    client = at()
    assert "还没有保存过版式" in client.get(reverse("sites:laboratories")).content.decode()
    response = upload(client, name="甲市监测站")
    record = LaboratoryMapping.objects.get()
    assert response.url == reverse("sites:laboratory", args=[record.pk])
    text = client.get(response.url).content.decode()
    assert "甲市监测站水质检测结果表" in text and "氨氮(mg/L)" in text and "各列的含义" in text
    response = client.post(response.url, filled(record, **{"limit-2": "0.025"}))
    session = ImportSession.objects.get()
    assert response.url == reverse("core:import", args=[session.pk])
    record.refresh_from_db()
    assert (record.edition, record.confirmed_by) == (1, "bureau_lead@city")
    assert record.as_mapping().columns[2].limit == "0.025"
    imports.run_now(session, actor=lead())
    assert queries.measurements(CITY).num_rows == 4


def test_a_unit_that_the_item_cannot_have_is_refused_on_the_page(guessed, at):
    response = at().post(reverse("sites:laboratory", args=[guessed.pk]), filled(guessed, **{"unit-2": "℃"}))
    assert "℃" in response.content.decode()
    guessed.refresh_from_db()
    assert guessed.edition == 0


def test_a_file_of_a_known_laboratory_goes_straight_to_its_import(saved, at):
    response = upload(at(), file_name="六月.xlsx")
    session = ImportSession.objects.get()
    assert response.url == reverse("core:import", args=[session.pk])
    assert session.options["mapping"] == str(saved.pk)


def test_a_file_that_is_no_table_of_results_is_said_so(city, at):
    response = upload(at(), b"a,b\n1,2\n", "x.csv", name="甲市监测站")
    assert response.status_code == 200 and "form-error" in response.content.decode()
    assert not LaboratoryMapping.objects.exists()


def test_without_a_name_an_unknown_layout_asks_for_one(city, at):
    assert "没有填写化验室名称" in upload(at()).content.decode()


def test_a_viewer_has_no_part_in_it(saved, at):
    client = at("viewer@city")
    assert client.get(reverse("sites:laboratories")).status_code == 403
    assert at("bureau_lead@other").get(reverse("sites:laboratory", args=[saved.pk])).status_code == 404


def test_the_page_of_an_import_leads_to_it(city, at):
    text = at().get(reverse("core:upload", args=["observations"])).content.decode()
    assert reverse("sites:laboratories") in text
