"""What a person calls the records of each model (记录名称); the names are data in ``record_names.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from bishui.i18n import Bilingual


@cache
def _names() -> dict[str, Bilingual]:
    text = resources.files("bishui.server.core").joinpath("record_names.toml").read_text("utf-8")
    return {
        f"{app}.{model}": Bilingual(zh, en)
        for app, models in tomllib.loads(text).items()
        for model, (zh, en) in models.items()
    }


def record_name(label: str) -> str:
    """Return the name of the records of a model, in the current language.

    Parameters
    ----------
    label
        The model as the audit trail has it, ``app.Model``; one that has no name is returned as it is.
    """
    found = _names().get(label)
    return label if found is None else str(found)
