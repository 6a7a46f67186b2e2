"""Old Word documents (.doc, .rtf, .odt): turned into .docx by LibreOffice where it is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from bishui.documents.blocks import Blocks
from bishui.documents.readers.kinds import damaged
from bishui.documents.readers.limits import CONVERSION_SECONDS
from bishui.documents.readers.word import read_word
from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text

_PROGRAMS = ("soffice", "libreoffice")


def read_old_word(data: bytes, filename: str) -> Blocks:
    """Read a document that only LibreOffice understands, by way of .docx.

    Raises
    ------
    UnreadableFile
        LibreOffice is not installed, takes too long, or cannot read the document.
    """
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise UnreadableFile(
            Text("这是旧版 Word 文档（.doc、.rtf 或 .odt），要由 LibreOffice 转换，而服务器上没有安装它。"),
            remedy=Text(
                "请用 Word 或 WPS 打开，另存为 .docx 后再试；或请管理员安装 LibreOffice（命令 soffice）。"
            ),
            where=Where(file=filename, byte=0),
        )
    return read_word(_converted(program, data, filename), filename)


def _converted(program: str, data: bytes, filename: str) -> bytes:
    """Return the document as .docx. Each call has its own profile: none waits for another."""
    with tempfile.TemporaryDirectory(prefix="bishui-convert-") as name:
        folder = Path(name)
        source = folder / "source.doc"
        source.write_bytes(data)
        command = [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            "docx",
            "--outdir",
            str(folder / "out"),
            str(source),
        ]
        _run(command, filename)
        result = folder / "out" / "source.docx"
        if not result.is_file():
            raise damaged("Word", filename)
        return result.read_bytes()


def _run(command: list[str], filename: str) -> None:
    """Run LibreOffice in a process group of its own, which ends with it."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    ) as process:
        try:
            process.wait(CONVERSION_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise UnreadableFile(
                Text("LibreOffice 转换超过 {seconds} 秒，已停止。", seconds=CONVERSION_SECONDS),
                remedy=Text("请用 Word 或 WPS 打开，另存为 .docx 后再试。"),
                where=Where(file=filename),
            ) from None
