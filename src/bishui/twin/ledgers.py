"""What the invented city keeps beside its plan: projects, typed ledgers, values of indicators, judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bishui.twin.city import load


def ledger_rows(name: str) -> Sequence[Mapping[str, Any]]:
    """Return the rows of one table of ``data/ledgers.toml``, with all values as written.

    Parameters
    ----------
    name
        ``project``, ``scattered_polluters``, ``manure_use``, ``medical_sewage``, ``black_odorous``,
        ``value``, ``judgement``, ``contact`` or ``filing``.
    """
    rows: Sequence[Mapping[str, Any]] = load("ledgers.toml")[name]
    return rows
