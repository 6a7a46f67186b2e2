"""Names of the register's fields that fit a DBF column: ten letters of ASCII."""

from __future__ import annotations

from bishui.server.core.registers import Register

_LONGEST = 10


def short_names(register: Register) -> dict[str, str]:
    """Return the name of each field by the name short enough for a Shapefile, which are all different."""
    found: dict[str, str] = {}
    for field in register.fields:
        plain = field.name.replace("_", "")
        short, number = plain[:_LONGEST], 2
        while short in found:
            short = f"{plain[: _LONGEST - 1]}{number}"
            number += 1
        found[short] = field.name
    return found
