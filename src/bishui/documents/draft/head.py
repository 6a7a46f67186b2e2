"""What a plan document says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """What the document says of itself.

    `kind` is ``annual_plan``, ``five_year_plan``, ``outfall_programme`` or ``plan``; `issued` an ISO date;
    `document_number` its own 发文字号, `basis_doc_nos` those it refers to; `annexes` the names in order.
    """

    file: str
    kind: str
    title: str
    region: str
    region_level: str
    year: int | None
    period: tuple[int, int] | None
    issuer: str
    issued: str | None
    document_number: str | None
    basis_doc_nos: tuple[str, ...]
    annexes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "file": self.file,
            "kind": self.kind,
            "title": self.title,
            "region": self.region,
            "region_level": self.region_level,
            "year": self.year,
            "period": list(self.period) if self.period else None,
            "issuer": self.issuer,
            "issued": self.issued,
            "document_number": self.document_number,
            "basis_doc_nos": list(self.basis_doc_nos),
            "annexes": list(self.annexes),
        }
