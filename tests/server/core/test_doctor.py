"""The health check finds what was damaged, and only that."""

import pytest
from tests.server.conftest import CITY
from tests.server.core.test_files import keep

from bishui.server.core import doctor, imports
from bishui.server.core.models import AuditEntry

pytestmark = pytest.mark.django_db


def found():
    return {str(finding.title): finding for finding in doctor.examine()}


def faults():
    return {title: len(finding.problems) for title, finding in found().items() if finding.problems}


def test_a_sound_instance_has_no_finding_and_says_how_much_was_looked_at(instance, data_dir):
    keep(b"abc")
    assert faults() == {}
    assert found()["原始文件"].count == 1
    assert found()["操作留痕"].count == AuditEntry.objects.count()


@pytest.mark.parametrize("damage", ["byte", "missing"])
def test_a_damaged_file_is_named_with_its_hash(instance, data_dir, damage):
    keep(b"abc", name="one.csv")
    stored = keep(b"xyz", name="two.csv")
    stored.path.write_bytes(b"xyZ") if damage == "byte" else stored.path.unlink()
    assert faults() == {"原始文件": 1}
    problem = found()["原始文件"].problems[0]
    assert "two.csv" in str(problem.what)
    assert problem.raw == stored.sha256


def test_a_changed_entry_of_the_trail_is_found(instance, data_dir):
    AuditEntry.objects.filter(sequence=3).update(why="x")
    assert list(faults()) == ["操作留痕"]


def test_an_import_that_hangs_in_its_commit_is_found(instance, data_dir):
    content = "单位编码,单位名称,类别,所属区划代码\nn-1,市水利局,部门,990000\n".encode()
    session = imports.receive("register:units", [content], "u.csv", division=CITY, actor="system")
    imports.read(session)
    session.refresh_from_db()
    imports.start_commit(session, actor=instance.users["bureau_lead@city"])
    assert faults() == {"导入批次": 1}
    imports.reconcile()
    assert faults() == {}
