"""Assessment methods (评价办法) by edition: named settings, each with its source and certainty."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from bishui.standards.editions import DATA, in_force, read_toml
from bishui.standards.local import Override
from bishui.standards.rules import Setting, changed, overridden, settings_of

Substitute = Literal["half", "zero", "limit"]

METHOD = "section_class"


@dataclass(frozen=True, slots=True)
class Method:
    """One edition of the rules that turn measurements into a class.

    Attributes
    ----------
    version
        Edition, followed by the names of the settings that were changed, if any.
    round_before_compare
        Round period means to the evaluation decimals before they are compared with a limit.
    round_single_readings
        Do the same with single readings.
    below_detection_concentration, below_detection_load
        What stands for a result below the detection limit (未检出) in means and in load totals:
        ``half`` of the limit, ``zero``, or the ``limit`` itself.
    detection_above_limit
        ``cannot_be_judged``: no verdict where the detection limit is above the limit; ``substitute``: the
        substituted value decides.
    percent_decimals, multiple_decimals
        Digits of percentages and of exceedance multiples (超标倍数).
    no_multiple_items
        Items printed without a multiple.
    main_pollutant_count, main_pollutant_reference, main_pollutants_first
        How many main pollution indicators (主要污染指标) are named, against the limits of which class, and
        which items come first.
    source_priority
        Which source of values counts where an item of a month has several.
    min_valid_per_day, min_valid_days_per_month
        Fewer valid results make no mean.
    months_for_year, quarter_results
        Fewer are evaluated and marked as not enough.
    settings
        Every setting with its source.
    """

    version: str
    name_zh: str
    name_en: str
    in_force_from: date
    source: str
    round_before_compare: bool
    round_single_readings: bool
    below_detection_concentration: Substitute
    below_detection_load: Substitute
    detection_above_limit: Literal["cannot_be_judged", "substitute"]
    percent_decimals: int
    multiple_decimals: int
    no_multiple_items: tuple[str, ...]
    main_pollutant_count: int
    main_pollutant_reference: int
    main_pollutants_first: tuple[str, ...]
    source_priority: tuple[str, ...]
    min_valid_per_day: int
    min_valid_days_per_month: int
    months_for_year: int
    quarter_results: int
    settings: tuple[Setting, ...] = field(repr=False)

    @property
    def edition(self) -> str:
        """The name of the edition."""
        return self.version

    def with_settings(self, **changes: Any) -> Method:
        """Return the method with some settings changed by name; the version tells which.

        Raises
        ------
        CallError
            If a name is not a setting.
        """
        return self._replaced(*changed(self._by_name(), self.version, changes))

    def with_override(self, override: Override | None, on: date) -> Method:
        """Return the method as a bureau's own file sets it on a day; the version names the file."""
        return self._replaced(*overridden(self._by_name(), self.version, override, METHOD, on))

    def _by_name(self) -> dict[str, Setting]:
        return {setting.name: setting for setting in self.settings}

    def _replaced(self, settings: Mapping[str, Setting], version: str) -> Method:
        values = {name: setting.value for name, setting in settings.items()}
        return dataclasses.replace(self, version=version, settings=tuple(settings.values()), **values)

    def as_dict(self) -> dict[str, Any]:
        """Return the version and every setting with its source, for results and JSON."""
        return {
            "version": self.version,
            "name": {"zh": self.name_zh, "en": self.name_en},
            "source": self.source,
            "settings": {
                setting.name: {
                    "value": list(setting.value) if isinstance(setting.value, tuple) else setting.value,
                    "source": setting.source,
                    "certainty": setting.certainty,
                }
                for setting in self.settings
            },
        }


@cache
def methods() -> Mapping[str, Method]:
    """Return every edition of the method by version."""
    content = read_toml(DATA / "methods.toml")
    editions: dict[str, Method] = {}
    for edition in content["edition"]:
        settings = settings_of(edition, content)
        editions[edition["version"]] = Method(
            version=edition["version"],
            name_zh=edition["name_zh"],
            name_en=edition["name_en"],
            in_force_from=edition["in_force_from"],
            source=edition["source"],
            settings=tuple(settings.values()),
            **{name: setting.value for name, setting in settings.items()},
        )
    return MappingProxyType(editions)


def method(on: date, override: Override | None = None, **changes: Any) -> Method:
    """Return the method in force on a day, with settings changed by name.

    A bureau's own file comes before the national method, and `changes` before both; the version tells either.

    Raises
    ------
    NotInForce
        If the day lies before the first edition.
    CallError
        If a changed name is not a setting.
    """
    national = in_force(tuple(methods().values()), on, METHOD)
    own = national if override is None else national.with_override(override, on)
    return own.with_settings(**changes) if changes else own
