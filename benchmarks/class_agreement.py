"""How often the published class of national automatic stations is reproduced from the displayed values.

    python benchmarks/class_agreement.py [FILE]

Each complete row marked 正常 is classed by GB 3838 table 1 from pH, DO, CODMn, NH3-N and TP with river limits
and unrounded values. Every disagreement is sorted into a named cause; the causes are tried in the order of
`CAUSES`, and what none explains is counted as unexplained. Exit status 1 below the wanted share.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import pairwise
from pathlib import Path

from bishui.assessment.numbers import round_evaluation
from bishui.standards import WaterType, find_class, find_item, items, surface_water

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data" / "cnemc_national_4h_2021-04.csv.gz"
STANDARD = surface_water(date(2021, 4, 1))
FIVE = ("ph", "do", "codmn", "nh3n", "tp")
RIVER, LAKE = WaterType.RIVER, WaterType.LAKE
WANTED = Decimal("94.8")


@dataclass(frozen=True)
class Row:
    """A complete row: section, published class, displayed values, the section's rows before and after it."""

    section: str
    published: int
    values: Mapping[str, Decimal]
    neighbours: list[Row] = field(default_factory=list, compare=False, repr=False)


def number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def complete_rows(path: Path) -> Iterator[Row]:
    """Yield the rows marked 正常 with a class and all five items."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    with io.StringIO(data.decode("utf-8-sig")) as stream:
        reader = csv.DictReader(stream)
        heads = {head: item.key for head in reader.fieldnames or () if (item := find_item(head))}
        for line in reader:
            read = {key: number(line[head] or "") for head, key in heads.items()}
            values = {key: value for key, value in read.items() if value is not None}
            published = find_class(line["水质类别"] or "")
            if line["站点情况"] == "正常" and published and all(key in values for key in FIVE):
                yield Row(f"{line['省份']}/{line['断面名称']}", published, values)


@cache
def rank(key: str, value: Decimal, water_type: WaterType) -> int:
    return STANDARD.class_of(key, value, water_type) or 0


def ranks(row: Row, water_type: WaterType, **replaced: Decimal) -> dict[str, int]:
    values = {key: replaced.get(key, row.values[key]) for key in FIVE}
    return {key: rank(key, value, water_type) for key, value in values.items()}


def section(row: Row, water_type: WaterType) -> int:
    return max(ranks(row, water_type).values())


def lake_limits(row: Row) -> bool:
    return section(row, LAKE) == row.published


def within_display(row: Row, water_type: WaterType, given: Mapping[str, int] | None = None) -> bool:
    """Whether values that display as these reach the published class: each may lie half a digit off."""
    best, worst = 0, 0
    for key in FIVE:
        value = row.values[key]
        half = Decimal((0, (5,), int(value.as_tuple().exponent) - 1))
        classes = [rank(key, value + off, water_type) for off in (-half, Decimal(0), half)]
        if given and key in given:
            classes = [given[key]]
        best, worst = max(best, min(classes)), max(worst, *classes)
    return best <= row.published <= worst


def saturation(row: Row) -> Decimal | None:
    """Oxygen saturation in percent by 468 / (31.6 + T), the form used beside GB 3838 at sea level."""
    temperature = row.values.get("wtemp")
    return None if temperature is None else 100 * row.values["do"] * (Decimal("31.6") + temperature) / 468


def oxygen_saturation(row: Row, water_type: WaterType) -> bool:
    share = saturation(row)
    if share is None or share < 90:
        return False
    return within_display(row, water_type, {"do": 1})


def saturation_at_altitude(row: Row) -> bool:
    """Whether class Ⅰ needs only the oxygen class, and a saturation that thinner air would bring to 90 %.

    The station's altitude is not in the file; air pressure is taken as low as 60 % of that at sea level.
    """
    share = saturation(row)
    if row.published != 1 or share is None or share < 90 * Decimal("0.6"):
        return False
    return any(within_display(row, kind, {"do": 1}) for kind in (RIVER, LAKE))


def neighbouring_reading(row: Row) -> bool:
    """Whether the class is that of the section's reading just before or after this one."""
    return any(section(other, kind) == row.published for other in row.neighbours for kind in (RIVER, LAKE))


def evaluation_rounding(row: Row) -> bool:
    """Whether values rounded to the evaluation decimals reproduce it."""
    rounded = {key: round_evaluation(row.values[key], items()[key].evaluation_decimals or 0) for key in FIVE}
    return any(max(ranks(row, kind, **rounded).values()) == row.published for kind in (RIVER, LAKE))


def total_nitrogen(row: Row) -> bool:
    """Whether total nitrogen, judged by lake limits, makes the published class."""
    nitrogen = row.values.get("tn")
    if nitrogen is None:
        return False
    worst = rank("tn", nitrogen, LAKE)
    return any(max(section(row, kind), worst) == row.published for kind in (RIVER, LAKE))


def left_out(row: Row) -> str | None:
    """The one item without which the published class comes out."""
    for kind in (RIVER, LAKE):
        found = ranks(row, kind)
        for key in FIVE:
            if max(other_rank for other, other_rank in found.items() if other != key) == row.published:
                return key
    return None


CAUSES: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    ("lake limits of total phosphorus", lake_limits),
    ("display rounding at a limit (river)", lambda row: within_display(row, RIVER)),
    ("display rounding at a limit (lake)", lambda row: within_display(row, LAKE)),
    ("oxygen saturation >= 90 % (river)", lambda row: oxygen_saturation(row, RIVER)),
    ("oxygen saturation >= 90 % (lake)", lambda row: oxygen_saturation(row, LAKE)),
    ("oxygen saturation >= 90 % at the station's altitude", saturation_at_altitude),
    ("rounded to evaluation decimals", evaluation_rounding),
    ("class of the reading before or after", neighbouring_reading),
    ("total nitrogen counted (lake limits)", total_nitrogen),
)


def cause_of(row: Row) -> str:
    for name, explains in CAUSES:
        if explains(row):
            return name
    if row.published < section(row, RIVER):
        item = left_out(row)
        if item is not None:
            return f"better than displayed: as if {items()[item].symbol} were left out"
        return "unexplained: published better than the displayed items"
    return "unexplained: published worse than every displayed item"


def share(part: int, whole: int) -> str:
    return f"{part:>7,} of {whole:,} = {100 * part / whole:.2f} %"


def ceiling(rows: list[Row]) -> int:
    """Rows reproduced when each section has the water type that agrees better."""
    agree: dict[str, Counter[WaterType]] = {}
    for row in rows:
        for kind in WaterType:
            agree.setdefault(row.section, Counter())[kind] += section(row, kind) == row.published
    return sum(max(count.values()) for count in agree.values())


def link(rows: list[Row]) -> None:
    """Tell each row the different rows of its section next to it in the file."""
    by_section: dict[str, list[Row]] = {}
    for row in rows:
        by_section.setdefault(row.section, []).append(row)
    for series in by_section.values():
        for before, after in pairwise(series):
            if before != after:
                before.neighbours.append(after)
                after.neighbours.append(before)


def main() -> int:
    rows = list(complete_rows(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT))
    link(rows)
    differing = [row for row in rows if section(row, RIVER) != row.published]
    agreeing = len(rows) - len(differing)
    either = agreeing + sum(lake_limits(row) for row in differing)
    print(f"complete rows marked 正常            {len(rows):,}")
    print(f"river limits, unrounded             {share(agreeing, len(rows))}")
    print(f"better water type per section       {share(ceiling(rows), len(rows))}")
    print(f"river or lake limits per row        {share(either, len(rows))}")
    print(f"\ndisagreements with river limits     {len(differing):,}")
    causes = Counter(cause_of(row) for row in differing)
    for name, count in causes.most_common():
        print(f"  {count:>6,}  {name}")
    assert sum(causes.values()) == len(differing)
    reached = Decimal(100 * agreeing) / len(rows) >= WANTED
    print(f"\nwanted: at least {WANTED} % -> {'reached' if reached else 'MISSED'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
