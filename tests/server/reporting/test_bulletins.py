"""A bulletin of water quality: drafted from data, released by persons, opened years later as it was."""

import io
import re
import zipfile
from datetime import date

import docx
import openpyxl
import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.urls import reverse

from bishui.assessment import Period, assess
from bishui.errors import Conflict, DataError, Forbidden
from bishui.server.core import audit, files, imports
from bishui.server.core.models import ImportSession
from bishui.server.reporting import evidence, files_of, periods, queries, services
from bishui.server.reporting.compose import Inputs
from bishui.server.reporting.gather import gather
from bishui.server.reporting.models import Edition, Report
from bishui.server.sites import services as sites
from bishui.server.sites.models import Site
from bishui.server.waters import words
from bishui.server.waters.areas import areas_of
from bishui.server.waters.kept import WaterResults
from bishui.server.waters.tabled import area_rows, ranking_rows
from bishui.standards import rules
from tests.server.conftest import CITY, COUNTY_A
from tests.server.reporting.conftest import NOON, TODAY
from tests.server.sites.conftest import bring, csv
from tests.server.standards.in_force import put_in_force

pytestmark = pytest.mark.django_db
LATER = "丙断面,2025-06-20 08:00,氨氮,0.3,mg/L,,手工"


def scope(kind="water_month", month=6, year=2025, division=CITY):
    return periods.scope_of(division, kind, year, month, today=TODAY, as_of=None)


@pytest.fixture
def bulletin(planned):
    """The bulletin of June as a draft."""
    return services.create(scope(), actor=planned.users["bureau_staff@city"], at=NOON)


@pytest.fixture
def client_of(planned):
    def client(name):
        found = Client()
        found.force_login(planned.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return found

    return client


def figure(report, key):
    return queries.inputs_of(report).facts.figures[key].text


@pytest.mark.parametrize(
    ("kind", "month", "title", "day"),
    [("water_month", 6, "甲市2025年6月水环境质量月报", date(2025, 6, 30)),
     ("water_quarter", 6, "甲市2025年第二季度水环境质量季报", date(2025, 6, 30)),
     ("water_year", None, "甲市2025年水环境质量年报", TODAY)],
)  # fmt: skip
def test_a_month_a_quarter_and_a_year_have_a_bulletin_each_and_only_one(planned, kind, month, title, day):
    made = services.create(scope(kind, month), actor=planned.users["bureau_staff@city"], at=NOON)
    assert (made.title, made.as_of) == (title, day)
    with pytest.raises(Conflict, match="已经建立"):
        services.create(scope(kind, month), actor=planned.users["bureau_staff@city"], at=NOON)
    facts = gather(queries.scope_of(made))
    assert facts.figures["state.total"].text == "3"
    assert facts.figures["state.evaluated"].text == "2"


def test_a_month_is_asked_for_where_one_is_needed(planned):
    with pytest.raises(DataError, match="月份或季度"):
        periods.scope_of(CITY, "water_quarter", 2025, None, today=TODAY, as_of=None)


def test_a_draft_follows_the_data(bulletin):
    assert figure(bulletin, "state.evaluated") == "2"
    bring(csv(LATER), "later.csv")
    assert figure(bulletin, "state.evaluated") == "3"


def test_what_is_submitted_keeps_the_rows_behind_it(bulletin, planned):
    services.advance(bulletin, "submit", actor=planned.users["bureau_staff@city"])
    kept = bulletin.evidence
    assert bulletin.frozen["evidence"] == kept.sha256 and files.check_content(kept) == []
    bring(csv(LATER), "later.csv")
    assert figure(bulletin, "state.evaluated") == "2"
    services.advance(
        bulletin, "return", actor=planned.users["administrator@city"], texts={"text": "补录后再报"}
    )
    assert bulletin.evidence is None and figure(bulletin, "state.evaluated") == "3"


def test_the_one_who_submits_does_not_check_and_only_the_lead_issues(bulletin, planned):
    staff = planned.users["bureau_staff@city"]
    services.advance(bulletin, "submit", actor=staff)
    with pytest.raises(Forbidden, match="另一人"):
        services.advance(bulletin, "check", actor=staff, texts={"text": "好"})
    services.advance(bulletin, "check", actor=planned.users["administrator@city"], texts={"text": "好"})
    with pytest.raises(Forbidden):
        services.advance(bulletin, "issue", actor=staff)


def test_an_edition_is_five_files_that_can_be_made_again_byte_for_byte(bulletin, issue):
    edition = issue(bulletin)
    made = files_of.make(Inputs.of(edition.inputs))
    for kind in files_of.FORMATS:
        stored = getattr(edition, kind)
        assert stored.path.read_bytes() == getattr(made, kind), kind
    assert edition.inputs_hash == queries.digest(edition.inputs)
    assert edition.evidence.sha256 == edition.inputs["evidence"]


def test_docx_xlsx_and_html_tell_the_same_figures(bulletin, issue):
    edition = issue(bulletin)
    word = docx.Document(io.BytesIO(edition.docx.path.read_bytes()))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "一、总体状况" in text
    assert "甲市登记的3个地表水断面（点位）中，2个参加评价" in text and "地表水水质状况为轻度污染。" in text
    book = openpyxl.load_workbook(io.BytesIO(edition.xlsx.path.read_bytes()))
    assert any("断面" in name for name in book.sheetnames) and any(
        "数据来源" in name for name in book.sheetnames
    )
    page = edition.html.path.read_text(encoding="utf-8")
    links = set(re.findall(r'href="([^"]+)"', page))
    assert links and all(link.startswith(("#figure-", "#row-")) for link in links)
    assert all(f'id="{link[1:]}"' in page for link in links)
    anchors = set(re.findall(r'w:anchor="([^"]+)"', word.element.xml))
    assert anchors and all(f'w:name="{anchor}"' in word.element.xml for anchor in anchors)
    opened = [
        cell.hyperlink.location
        for sheet in book
        for row in sheet
        for cell in row
        if cell.hyperlink and cell.hyperlink.location
    ]
    assert {place.partition("!")[0] for place in opened} >= {"'数据来源'", "'计入的对象'", "'断面逐项结果'"}
    assert "<script" not in page and "src=" not in page.replace('src="data:', "")


def test_the_kept_rows_give_the_kept_results_again(bulletin, issue):
    edition = issue(bulletin)
    packed = zipfile.ZipFile(io.BytesIO(edition.evidence.path.read_bytes()))
    tables = {
        name: pq.read_table(io.BytesIO(packed.read(f"{name}.parquet")))
        for name in ("measurements", "sites", "targets", "flags")
    }
    found = evidence.read(edition.evidence)
    again = assess(
        tables["measurements"], tables["sites"], tables["targets"], tables["flags"], period=found.period
    )
    for result in again:
        kept = found.section(result.site, found.period)
        assert (kept["class"], kept["attainment"]["state"]) == (result.rank, result.attainment.state.value)
    assert all(row["import_id"] and row["raw"] for row in tables["measurements"].to_pylist())
    assert {entry["file"] for entry in found.imports.values()} == {"table.csv"}


def test_an_edition_stands_when_the_data_and_the_register_have_changed(bulletin, issue, planned, client_of):
    """Years later: the import is taken back, the section renamed and retyped; the edition says what it said."""
    issue(bulletin)
    client = client_of("bureau_staff@city")
    site = Site.objects.get(name="甲河口")
    addresses = [
        reverse("reporting:edition_page", args=[bulletin.pk, 1]),
        reverse("reporting:edition_figure", args=[bulletin.pk, 1, "state.evaluated"]),
        reverse("reporting:edition_evidence", args=[bulletin.pk, 1, site.pk]),
        reverse("reporting:edition_rows", args=[bulletin.pk, 1, site.pk, "nh3n"]),
    ]
    before = [strip(client.get(address)) for address in addresses]
    for session in ImportSession.objects.filter(kind="observations", state="active"):
        imports.take_back(session, actor=planned.users["bureau_lead@city"], why="测试撤回")
    sites.save_site("s1", "别的名字", kind="section", division=CITY, actor="system", water_type="lake")
    assert [strip(client.get(address)) for address in addresses] == before
    assert "甲河口" in before[0] and "1.2" in before[3] and "table.csv" in before[3]
    assert figure(bulletin, "state.evaluated") == "2"


def strip(response):
    """The content of a page without what changes with each request."""
    assert response.status_code == 200
    return re.sub(r"<[^>]+>|\s+", " ", response.content.decode().split("<main")[1].split("</main>")[0])


def test_a_late_correction_makes_a_new_edition_beside_the_old_with_the_difference(bulletin, issue, planned):
    first = issue(bulletin)
    bring(csv(LATER), "later.csv")
    staff = planned.users["bureau_staff@city"]
    services.advance(bulletin, "correct", actor=staff, texts={"text": "补录丙断面数据"})
    assert bulletin.evidence is None
    second = issue(bulletin)
    assert (second.number, second.reason) == (2, "补录丙断面数据")
    assert Edition.objects.get(report=bulletin, number=1).inputs == first.inputs
    assert first.evidence.sha256 != second.evidence.sha256
    changed = {
        (entry["what"], entry["name"]): (entry["before"], entry["after"]) for entry in second.differences
    }
    assert changed["figure", "参加评价的断面（点位）"] == ("2", "3")
    assert "丙断面" in changed["table", "断面水质状况和达标情况表"][1]


def test_an_edition_never_changes(bulletin, issue):
    edition = issue(bulletin)
    edition.title = "别的"
    with audit.action("reporting.issued", actor="system", title="x", number=1), pytest.raises(TypeError):
        edition.save()


def test_a_draft_leads_to_the_living_pages_and_an_edition_to_what_was_kept(bulletin, issue, client_of):
    client = client_of("bureau_staff@city")
    draft = client.get(reverse("reporting:report", args=[bulletin.pk])).content.decode()
    site = Site.objects.get(name="甲河口").pk
    assert f"/sites/{site}/?period=2025-06" in draft
    issue(bulletin)
    page = client.get(reverse("reporting:edition_page", args=[bulletin.pk, 1])).content.decode()
    assert reverse("reporting:edition_evidence", args=[bulletin.pk, 1, site]) in page
    assert f'"/sites/{site}/' not in page


def test_every_figure_and_every_site_of_an_edition_opens(bulletin, issue, client_of):
    issue(bulletin)
    client = client_of("bureau_staff@city")
    waiting, seen = [reverse("reporting:edition_page", args=[bulletin.pk, 1])], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address)
        assert response.status_code == 200, address
        if not response.streaming:
            links = re.findall(r'href="([^"#]+)"', response.content.decode())
            waiting += [link for link in links if f"{bulletin.pk}/edition/1" in link]
    assert sum("/figure/" in address for address in seen) > 15
    assert sum("/evidence/" in address for address in seen) > 3


def test_nothing_that_was_not_kept_is_opened(bulletin, issue, client_of):
    client = client_of("bureau_staff@city")
    nowhere = "01900000-0000-7000-8000-000000000000"
    site = Site.objects.get(name="甲河口").pk
    assert client.get(reverse("reporting:evidence", args=[bulletin.pk, site])).status_code == 404
    issue(bulletin)
    for name, rest in (
        ("edition_evidence", [1, nowhere]),
        ("edition_rows", [1, site, "nothing"]),
        ("edition_figure", [1, "nothing"]),
        ("edition_page", [2]),
    ):
        assert client.get(reverse(f"reporting:{name}", args=[bulletin.pk, *rest])).status_code == 404, name


def test_a_unit_reporter_writes_none_and_another_city_sees_none(bulletin, issue, client_of):
    issue(bulletin)
    new = reverse("reporting:bulletin_new")
    given = {"kind": "water_month", "year": "2025", "month": "5", "as_of": ""}
    assert client_of("unit_reporter@a").post(new, given).status_code == 403
    page = reverse("reporting:edition_page", args=[bulletin.pk, 1])
    assert client_of("bureau_lead@other").get(page).status_code in (403, 404)
    assert client_of("bureau_staff@city").post(new, given).status_code == 302
    assert Report.objects.filter(kind="water_month").count() == 2


def test_bulletins_and_summaries_stand_in_lists_of_their_own(bulletin, report, client_of):
    client = client_of("bureau_staff@city")
    bulletins = client.get(reverse("reporting:bulletins")).content.decode()
    summaries = client.get(reverse("reporting:list")).content.decode()
    assert bulletin.title in bulletins and report.title not in bulletins
    assert report.title in summaries and bulletin.title not in summaries


def test_a_quarter_is_chosen_by_its_number(planned, client_of):
    given = {"kind": "water_quarter", "year": "2025", "month": "", "quarter": "2", "as_of": ""}
    assert client_of("bureau_staff@city").post(reverse("reporting:bulletin_new"), given).status_code == 302
    assert Report.objects.get().month == 6


def test_what_a_person_wrote_stands_under_its_own_heading_and_only_then(bulletin, planned, issue):
    assert "情况分析" not in files_of.html_of(queries.live_inputs(bulletin)).decode()
    services.save_text(
        bulletin,
        "remarks",
        "甲河口受 <b>施工</b> 影响。",
        based_on=0,
        actor=planned.users["bureau_staff@city"],
        at=NOON,
    )
    page = issue(bulletin).html.path.read_text(encoding="utf-8")
    assert "二、情况分析" in page and "甲河口受 &lt;b&gt;施工&lt;/b&gt; 影响。" in page


def test_names_are_never_formulas_in_the_workbook(planned, issue):
    sites.save_site(
        "s1", "=1+1", kind="section", division=CITY, actor="system", water_type="river", water="@甲"
    )
    made = services.create(scope(), actor=planned.users["bureau_staff@city"], at=NOON)
    book = openpyxl.load_workbook(io.BytesIO(issue(made).xlsx.path.read_bytes()))
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("=1+1" in str(value) for value in values)
    assert not [value for value in values if str(value).startswith(("=", "@", "+"))]


def test_a_county_has_its_own_bulletin_or_says_that_nothing_is_registered(planned):
    facts = gather(scope(division=COUNTY_A))
    text = " ".join(block.get("text", "") for block in facts.paper["blocks"])
    assert "乙县没有登记地表水断面（点位），不作评价。" in text


def test_readings_after_the_day_of_the_bulletin_do_not_count(planned):
    early = periods.scope_of(CITY, "water_month", 2025, 6, today=TODAY, as_of=date(2025, 6, 3))
    assert gather(early).figures["state.evaluated"].text == "0"
    assert Period.month(2025, 6) == early.period


def test_a_zone_opens_by_the_year_so_far_and_a_source_by_the_month(planned, issue, client_of):
    sites.save_site(
        "z1",
        "甲河水功能区",
        kind="function_zone",
        division=CITY,
        actor="system",
        water_type="river",
        function_class=3,
    )
    sites.save_site(
        "w1",
        "甲水源",
        kind="drinking_water_source",
        division=CITY,
        actor="system",
        water_type="river",
        source_water="surface",
        use_state="in_use",
    )
    rows = [f"甲河水功能区,2025-{month:02}-08 08:00,氨氮,0.{month},mg/L,,手工" for month in range(1, 7)]
    bring(csv(*rows, "甲水源,2025-06-08 08:00,氨氮,0.4,mg/L,,手工"), "more.csv")
    made = services.create(scope(), actor=planned.users["bureau_staff@city"], at=NOON)
    assert (figure(made, "zones.percent"), figure(made, "sources.percent")) == ("100.0%", "100.0%")
    found = evidence.read(issue(made).evidence)
    by_name = {name: site for site, name in found.results["names"].items()}
    zone, source = by_name["甲河水功能区"], by_name["甲水源"]
    assert (found.period_of(zone).label, found.period_of(source).label) == ("2025-01~06", "2025-06")
    assert (found.counts(zone), found.counts(source)) == ({"nh3n": 6}, {"nh3n": 1})
    client = client_of("bureau_staff@city")
    for site, count in ((zone, 6), (source, 1)):
        assert client.get(reverse("reporting:edition_evidence", args=[made.pk, 1, site])).status_code == 200
        page = strip(client.get(reverse("reporting:edition_rows", args=[made.pk, 1, site, "nh3n"])))
        assert page.count("more.csv") == count


OWN = """[override]
name = "甲市管控值"
basis = "甲文〔2025〕1号"
in_force_from = 2025-01-01

[[limit]]
standard = "gb3838"
item = "nh3n"
when = { water_type = "river" }
limits = { II = 0.8, III = 1.2 }
unit = "mg/L"
source = "附件1"
"""


def test_bulletin_page_and_file_give_one_answer_under_the_bureaus_own_values(planned):
    """The mean of 1.2 and 0.3 is 0.75 mg/L: Ⅲ by GB 3838 (0.5, 1.0), Ⅱ by the bureau's own limit 0.8."""
    put_in_force(OWN)
    bring(csv("甲河口,2025-06-05 08:00,溶解氧,6,mg/L,,手工"), "oxygen.csv")
    city, june = scope(), Period.month(2025, 6)
    results = WaterResults(city, Site.objects.filter(division__startswith=CITY))
    found, own = results.sections(june), results.override_on
    inside, names = areas_of(results.sites, CITY), words.names_of(results.sites, city)
    told = gather(city).figures

    (page,) = (entry for entry in results.areas(june) if entry["kind"] == "water")
    in_file = {row["subject"]: row for row in area_rows(inside, names, found, override=own)}
    assert page["class"] == in_file["甲河"]["class"] == int(told["water_1"].value) == 2

    chosen = rules("cwqi", june.last_day, own(june.last_day))
    ranked = ranking_rows(inside, results.sites, names, found, chosen, override=own)
    in_file = {row["subject"]: row for row in ranked}
    shown = {names[row["key"]]: row for row in results.indices(june, names)["section"]["rows"]}
    assert shown["甲河口"]["index"] == in_file["s1"]["value_text"] == told["index_section_1"].value
    assert shown["甲河口"]["index"] == "1.8333"  # 1.2 / 1.2 + 5 / 6; with the national 1.0 it were 2.0333
