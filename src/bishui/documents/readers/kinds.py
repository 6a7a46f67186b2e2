"""Which format a file is in, told by its content; the ending decides only between plain-text formats."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath

from bishui.documents.readers.limits import LARGEST_UNPACKED, MOST_PARTS, too_large
from bishui.errors import BishuiError, UnreadableFile, Where
from bishui.i18n import Text

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Streams of an OLE compound file (MS-CFB), by what they say of it; the first that is there counts.
_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "old word"),
    ("Workbook", "old spreadsheet"),
    ("Book", "old spreadsheet"),
)
# Parts of a packed file, by what they say of it.
_PARTS = (
    ("word/document.xml", "word"),
    ("xl/workbook.xml", "spreadsheet"),
    ("xl/workbook.bin", "foreign spreadsheet"),
    ("OFD.xml", "ofd"),
)
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "old word",
    b"application/vnd.oasis.opendocument.spreadsheet": "foreign spreadsheet",
}
_TEXT_SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".csv": "csv", ".html": "html", ".htm": "html"}
_SIGNED = {".docx", ".docm", ".xlsx", ".xlsm", ".pdf"}
_HTML = re.compile(rb"<!doctype\s+html|<html|<body|<table|<meta\s", re.IGNORECASE)
_WORD_XML = re.compile(rb"progid=\"Word\.Document\"|<w:wordDocument")


def kind_of(data: bytes, filename: str) -> str:
    """Return the kind of a document.

    Returns
    -------
    ``pdf``, ``word``, ``spreadsheet``, ``old word`` (what LibreOffice turns into a Word document: .doc, .rtf,
    .odt), ``old spreadsheet`` (.xls, .et), ``html``, ``markdown``, ``csv`` or ``text``.

    Raises
    ------
    UnreadableFile
        The file is a picture, encrypted, packed beyond the limits, or of a format without a reader.
    """
    suffix = PurePath(filename).suffix.lower()
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(_OLE):
        return _kind_of_compound(data, filename)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_package(data, suffix, filename)
    if data.startswith(_PICTURES):
        raise UnreadableFile(
            Text("这是图片文件，里面没有文字。"),
            remedy=Text("请用原始文档；只有图片时，先做文字识别并另存为 docx 或 txt。"),
            where=Where(file=filename, byte=0),
        )
    if data.startswith(b"{\\rtf") or _WORD_XML.search(data[:4096]):
        return "old word"
    return _kind_of_text(data, suffix, filename)


def _kind_of_text(data: bytes, suffix: str, filename: str) -> str:
    """Return the kind of a file without a signature.

    Web pages and tables of text are often saved as .doc and .xls, so these endings may stand for anything;
    the newer ones promise a format that the content would show.
    """
    if suffix in _SIGNED:
        raise UnreadableFile(
            Text("文件名以 {suffix} 结尾，内容却不是这种格式。", suffix=suffix),
            remedy=Text("请用原来的软件打开后另存为 {suffix}，或改成与内容一致的扩展名。", suffix=suffix),
            where=Where(file=filename, byte=0),
        )
    head = data[:4096].replace(b"\x00", b"")
    if _HTML.search(head) and head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        return "html"
    return _TEXT_SUFFIXES.get(suffix, "text")


def _kind_of_compound(data: bytes, filename: str) -> str:
    for name, kind in _STREAMS:
        if _has_stream(data, name):
            if kind == "encrypted":
                raise encrypted(filename)
            return kind
    raise UnreadableFile(
        Text("这是旧版 Office 的复合文档，里面既没有 Word 正文也没有 Excel 工作簿。"),
        remedy=Text("文件可能已损坏。请用 Word、WPS 或 Excel 打开，另存为 .docx 或 .xlsx 后再试。"),
        where=Where(file=filename, byte=0),
    )


def _has_stream(data: bytes, name: str) -> bool:
    """Tell whether a compound file has a stream: directory entries are 128 bytes and begin with the name."""
    written = (name + "\x00").encode("utf-16-le")
    place = data.find(written)
    while place >= 0:
        if place % 128 == 0:
            return True
        place = data.find(written, place + 1)
    return False


def _kind_of_package(data: bytes, suffix: str, filename: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_package(package, filename)
            names = set(package.namelist())
            kind = next((kind for part, kind in _PARTS if part in names), None)
            if kind is None and "mimetype" in names:
                kind = _OPEN_DOCUMENT.get(package.read("mimetype").strip())
    except BishuiError:
        raise
    except Exception:  # damaged packages fail in many ways: directory, compression, checksum, names
        raise damaged("Excel" if suffix in {".xlsx", ".xlsm"} else "Word", filename) from None
    _refuse_foreign(kind, filename)
    assert kind is not None
    return kind


def _refuse_foreign(kind: str | None, filename: str) -> None:
    """Name the packed formats that have no reader."""
    if kind == "ofd":
        raise UnreadableFile(
            Text("这是 OFD 版式文件，目前不能读取。"),
            remedy=Text("请用原始的 Word、Excel 文件，或用 OFD 阅读器另存为带文字的 PDF。"),
            where=Where(file=filename, byte=0),
        )
    if kind == "foreign spreadsheet":
        raise UnreadableFile(
            Text("这是 .xlsb 或 .ods 格式的工作簿，目前不能读取。"),
            remedy=Text("请用 Excel、WPS 或 LibreOffice 打开，另存为 .xlsx 后再试。"),
            where=Where(file=filename, byte=0),
        )
    if kind is None:
        raise UnreadableFile(
            Text("这是压缩包或其他打包文件，不是 Word 或 Excel 文件。"),
            remedy=Text("请解压后导入其中的计划文件。"),
            where=Where(file=filename, byte=0),
        )


def _check_package(package: zipfile.ZipFile, filename: str) -> None:
    """Refuse a package that unpacks to too much, by what its directory declares."""
    entries = package.infolist()
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise too_large(
            Text("文件解压后超过 {most} 兆字节，拒绝读取。", most=LARGEST_UNPACKED // 1024**2), filename
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise encrypted(filename)
    for entry in entries:
        # A document of Office never holds a document type; only an attack by entities does.
        if entry.filename.endswith((".xml", ".rels")) and _declares_type(package, entry):
            raise damaged("Office", filename)


def _declares_type(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    with package.open(entry) as part:
        return b"<!DOCTYPE" in part.read(2048)


def encrypted(filename: str) -> UnreadableFile:
    """Return the error for a document with a password."""
    return UnreadableFile(
        Text("文件有打开密码，无法读取。"),
        remedy=Text("请用密码打开后，取消密码保护，另存一份再导入。"),
        where=Where(file=filename),
    )


def damaged(program: str, filename: str, reason: str = "") -> UnreadableFile:
    """Return the error for a document that its own format's rules do not fit; `program` wrote such files."""
    return UnreadableFile(
        Text("{program} 文件打不开，可能已损坏。", program=program)
        if not reason
        else Text("{program} 文件打不开，可能已损坏：{reason}。", program=program, reason=reason),
        remedy=Text(
            "请用 {program} 或 WPS 打开，另存一份后再试；打不开时请重新下载或重新导出。", program=program
        ),
        where=Where(file=filename),
    )
