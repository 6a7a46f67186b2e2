"""Which format a file is in is told by its content; what cannot be read is refused with the reason and a remedy."""

import io
import struct
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from old_files import compound_file, workbook
from plan_samples import PLAN

from bishui.documents import read_plan_bytes
from bishui.documents.readers import limits, read_blocks
from bishui.documents.readers.kinds import kind_of
from bishui.errors import UnreadableFile


def word(text: str = "文字") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def excel() -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["文字", 1])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def package(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (word(), "计划.doc", "word"),
        (word(), "计划.xlsx", "word"),
        (word(), "计划", "word"),
        (excel(), "计划.xls", "spreadsheet"),
        (workbook({"表": [["甲"]]}), "计划.doc", "old spreadsheet"),
        (compound_file({"WordDocument": b"x"}), "计划.docx", "old word"),
        (b"{\\rtf1 text}", "计划.doc", "old word"),
        (b"<html><body>x</body></html>", "计划.xls", "html"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>x", "计划.doc", "html"),
        ("<table><tr><td>甲".encode("utf-16"), "计划.xls", "html"),
        (b"%PDF-1.4", "计划.docx", "pdf"),
        ("甲\t乙".encode(), "计划.xls", "text"),
        ("甲,乙".encode(), "计划.csv", "csv"),
        ("# 甲".encode(), "计划.md", "markdown"),
        ("甲".encode(), "计划.TXT", "text"),
    ],
)
def test_content_decides_and_the_ending_only_between_kinds_of_text(data: bytes, name: str, kind: str) -> None:
    assert kind_of(data, name) == kind


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (compound_file({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "a.docx", "密码"),
        (compound_file({"Something": b"x"}), "a.doc", "复合文档"),
        (package(**{"OFD.xml": b"<ofd/>"}), "a.ofd", "OFD"),
        (package(**{"xl/workbook.bin": b"x"}), "a.xlsb", ".xlsb"),
        (package(**{"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "a.ods", ".ods"),
        (package(**{"计划.docx": word()}), "a.zip", "压缩包"),
        (word()[:400], "a.docx", "损坏"),
        (excel()[:400], "a.xlsx", "损坏"),
        (workbook({"表": [["甲"]]})[:1600], "a.xls", "损坏"),
        (package(**{"word/document.xml": b"<w:document"}), "a.docx", "损坏"),
        (package(**{"xl/workbook.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><workbook/>"}), "a.xlsx", "损坏"),
        ("没有签名的文字".encode(), "a.xlsx", ".xlsx"),
        ("没有签名的文字".encode(), "a.pdf", ".pdf"),
    ],
)
def test_what_cannot_be_read_is_named_with_a_remedy(data: bytes, name: str, says: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_blocks(data, name)
    assert says in str(caught.value)
    assert caught.value.remedy is not None
    assert caught.value.where.file == name


def test_a_package_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = package(**{"word/document.xml": bytes(limits.LARGEST_UNPACKED + 1)})
    assert len(bomb) < 1024**2
    with pytest.raises(UnreadableFile, match="解压"):
        read_blocks(bomb, "a.docx")


def test_a_file_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bishui.documents.readers.LARGEST_FILE", 100)
    with pytest.raises(UnreadableFile, match="超过"):
        read_blocks(PLAN.encode(), "a.txt")


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.md"])
def test_too_many_lines_are_refused(name: str) -> None:
    with pytest.raises(UnreadableFile, match="行"):
        read_blocks(b"x\n" * (limits.MOST_LINES + 1), name)


def test_a_cell_that_claims_to_cover_the_whole_sheet_is_refused() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["甲"])
    packed = io.BytesIO()
    book.save(packed)
    changed = io.BytesIO()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(changed, "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                data = data.replace(
                    b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
                )
            target.writestr(entry.filename, data)
    with pytest.raises(UnreadableFile, match="单元格"):
        read_blocks(changed.getvalue(), "a.xlsx")


def test_a_web_page_whose_cells_claim_too_much_is_refused() -> None:
    page = "<html><table>" + "<tr>" + "<td colspan=1000 rowspan=60000>甲</td>" * 50 + "</tr></table>"
    with pytest.raises(UnreadableFile, match="列"):
        read_blocks(page.encode(), "a.html")


def test_a_cell_formatted_down_to_the_last_row_costs_nothing() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["甲", "乙"])
    sheet.cell(1_048_576, 16_384).number_format = "0.00"
    packed = io.BytesIO()
    book.save(packed)
    assert len(read_blocks(packed.getvalue(), "a.xlsx").source_lines) == 1


# --- LibreOffice -------------------------------------------------------------------------------------------

OLD_WORD = compound_file({"WordDocument": b"x"})


def fake_soffice(folder: Path, body: str) -> None:
    """Put a program called soffice into a folder."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(0o755)


def test_without_libreoffice_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreadableFile) as caught:
        read_blocks(OLD_WORD, "计划.doc")
    assert "LibreOffice" in str(caught.value.what)
    assert ".docx" in str(caught.value.remedy)


def test_an_old_word_document_is_turned_into_docx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ready.docx").write_bytes(word("云川市2031年度水污染防治工作计划"))
    log = tmp_path / "arguments"
    fake_soffice(
        tmp_path,
        f'echo "$@" > {log}\n'
        'while [ "$1" != "--outdir" ]; do shift; done\n'
        f'mkdir -p "$2" && cp {tmp_path}/ready.docx "$2/source.docx"',
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    blocks = read_blocks(OLD_WORD, "计划.doc")
    assert blocks.source_lines == ("云川市2031年度水污染防治工作计划",)
    assert "-env:UserInstallation=file://" in log.read_text(encoding="utf-8")


def test_a_conversion_without_result_and_one_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    fake_soffice(tmp_path, "exit 1")
    with pytest.raises(UnreadableFile, match="损坏"):
        read_blocks(OLD_WORD, "计划.doc")
    fake_soffice(tmp_path, "sleep 30")
    monkeypatch.setattr("bishui.documents.readers.legacy.CONVERSION_SECONDS", 0.2)
    with pytest.raises(UnreadableFile, match="停止"):
        read_blocks(OLD_WORD, "计划.doc")


# --- plain text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_the_same_text_in_every_encoding(encoding: str) -> None:
    draft = read_plan_bytes(PLAN.encode(encoding), "p.txt")
    assert [task.seq for task in draft.tasks] == [1, 2, 3]
    assert draft.doc.title == "云川市2031年度水污染防治工作计划"


def test_control_bytes_are_no_text() -> None:
    with pytest.raises(UnreadableFile, match="字节"):
        read_blocks(struct.pack("<16I", *range(7, 23)), "a.txt")
