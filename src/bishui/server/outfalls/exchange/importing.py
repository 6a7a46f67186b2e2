"""The import of the register of outfalls: its own template, geographic files, outside systems' files."""

from __future__ import annotations

from collections.abc import Sequence

from bishui.errors import Problem, UnknownLayout
from bishui.i18n import Bilingual, Text
from bishui.server.core import imports, registers
from bishui.server.core.models import ImportSession
from bishui.server.core.register_import import RegisterImport
from bishui.server.outfalls.exchange.mapping import ExchangeMapping, mappings
from bishui.server.outfalls.exchange.rows import FileRows, read_rows
from bishui.server.outfalls.exchange.short_names import short_names
from bishui.server.outfalls.models import Outfall

KEY = "register:outfalls"
_OWN = "own"


class OutfallImport(RegisterImport):
    """The import of outfalls; its option says whose columns the file has."""

    def __init__(self, register: registers.Register) -> None:
        super().__init__(register)
        self.options = (_whose_columns(),)

    def _rows(self, session: ImportSession) -> tuple[list[tuple[int, dict[str, str]]], Sequence[Problem]]:
        found = read_rows(session.file.path, session.file.name)
        mapping = mappings().get(str(session.options.get("mapping", _OWN)))
        if mapping is not None:
            return self._mapped(session, found, mapping), found.misshapen
        heads = {head: field.name for head in found.heads if (field := self._field(head)) is not None}
        self._check_heads(session.file.name, list(heads.values()))
        rows = [
            (number, {heads[head]: text for head, text in row.items() if head in heads})
            for number, row in found.rows
        ]
        return rows, found.misshapen

    def _field(self, head: str) -> registers.Field | None:
        """Return the field that a head names, by the register's names or by those short enough for a DBF."""
        short = short_names(self.register)
        return self.register.field_of_head(short.get(head.casefold(), head))

    def _check_heads(self, name: str, named: Sequence[str]) -> None:
        missing = [item.label.zh for item in self.register.fields if item.required and item.name not in named]
        if missing:
            raise UnknownLayout(
                Text("文件“{name}”缺少列：{missing}。", name=name, missing="、".join(missing)),
                remedy=Text("请下载本台账的模板按其列名填写；外部系统的文件请在“文件来源”中选择该系统。"),
            )

    def _mapped(
        self, session: ImportSession, found: FileRows, mapping: ExchangeMapping
    ) -> list[tuple[int, dict[str, str]]]:
        """Return an outside system's rows by our fields; its own code finds an outfall again."""
        told = {column.field for head in found.heads if (column := mapping.column_of(head))}
        if mapping.key_field not in told:
            head = next(column.heads[0] for column in mapping.columns if column.field == mapping.key_field)
            raise UnknownLayout(
                Text(
                    "文件“{name}”没有“{head}”列，不像是“{system}”导出的。",
                    name=session.file.name,
                    head=head,
                    system=mapping.title,
                ),
                remedy=Text("请核对“文件来源”；该系统改了列名的，请先更新字段对照表。"),
            )
        rows = [(number, mapping.inward(row)) for number, row in found.rows]
        named = {row.get(mapping.key_field, "") for _, row in rows} - {""}
        ours = dict(
            Outfall.objects.filter(
                division__startswith=session.division, **{f"{mapping.key_field}__in": sorted(named)}
            ).values_list(mapping.key_field, "code")
        )
        for _, row in rows:
            code = ours.get(row.get(mapping.key_field, ""))
            if code is not None:
                row["code"] = code
        return rows


def _whose_columns() -> registers.Field:
    own = registers.Choice(_OWN, Bilingual("本系统模板或导出文件", "Our own template or export"))
    others = [registers.Choice(key, found.title) for key, found in mappings().items()]
    return registers.Field(
        name="mapping",
        type="choice",
        label=Bilingual("文件来源", "Whose columns"),
        help=Bilingual(
            "文件由哪个系统导出；其列名和用语按对照表换成本系统的。",
            "The system that wrote the file; its heads and words are translated by the mapping.",
        ),
        required=True,
        choices=(own, *others),
    )


def register_kind() -> None:
    """Let outfalls be imported in their own way; called once the registers are known."""
    imports.register(OutfallImport(registers.load_all()["outfalls"]))
