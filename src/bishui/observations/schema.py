"""The seam: the four tables that assessment takes, as Arrow schemas.

The server builds them in its ``queries``; the command line reads them from CSV, XLSX or Parquet.
All times are China Standard Time (UTC+8), stored without a zone; the country has one time zone and
the standards define days and months in it.

Measured values are decimals of `VALUE_TYPE`, exact to ten digits after the point; each item's own number
of digits stands in the item table (`bishui.standards.Item.scale`), and kernels work on
``value × 10**scale`` as 64-bit integers.
"""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa

#: 18 digits before the point and ten after it: algal density and methylmercury both fit.
VALUE_SCALE = 10
VALUE_TYPE = pa.decimal128(28, VALUE_SCALE)
TIME_TYPE = pa.timestamp("s")


class Mark(StrEnum):
    """What a measurement row says apart from its number. No data is never fine: each has its own word."""

    #: A number was measured.
    MEASURED = "measured"
    #: Below the detection limit (未检出); `value` is that limit, or null where none was given.
    BELOW_DETECTION = "below_detection"
    #: Sampled or due, but no reading (``--``, ``—``, empty).
    NO_READING = "no_reading"
    #: The source does not give this item here (``*``).
    NOT_GIVEN = "not_given"
    #: The station was off or under maintenance (停站、维护); `value` may be there and does not count.
    OFFLINE = "offline"


class Source(StrEnum):
    """How a value came to be (自动监测、手工监测)."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    UNKNOWN = "unknown"


#: One row per site, time and item.
MEASUREMENTS = pa.schema(
    [
        pa.field("import_id", pa.string()),  # which import brought the row; null for a table on disk
        pa.field("row", pa.int32()),  # row in the source file, from 1
        # site id; the name in the file where ids are not known
        pa.field("site", pa.string(), nullable=False),
        pa.field("time", TIME_TYPE, nullable=False),
        pa.field("item", pa.string(), nullable=False),  # key of bishui.standards.items()
        pa.field("value", VALUE_TYPE),  # in the item's own unit
        pa.field("mark", pa.string(), nullable=False),  # Mark
        pa.field("unit", pa.string()),  # as given
        pa.field("raw", pa.string()),  # as given
        pa.field("source", pa.string(), nullable=False),  # Source
    ]
)

#: One row per site and period of validity.
SITES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # section, drinking_water_source, …
        pa.field("water_type", pa.string()),  # river, lake; null = unknown, and shown so
        pa.field("division", pa.string()),  # code of the division it is assessed for
        pa.field("valid_from", pa.date32()),
        pa.field("valid_to", pa.date32()),
    ]
)

#: One row per site (or scope), period and target.
TARGETS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("site", pa.string()),  # site id; null for a target of a scope
        pa.field("scope", pa.string()),
        pa.field("target_class", pa.int8()),  # 1–5
        pa.field("overrides", pa.map_(pa.string(), VALUE_TYPE)),  # item → own limit (interim targets)
        pa.field("period_from", pa.date32(), nullable=False),
        pa.field("period_to", pa.date32(), nullable=False),
        pa.field("source_file", pa.string()),
        pa.field("source_line", pa.int32()),
    ]
)

#: One row per reversible flag: a reading held back or put aside, by whom and why.
FLAGS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("site", pa.string(), nullable=False),
        pa.field("item", pa.string()),  # null = every item
        pa.field("time_from", TIME_TYPE, nullable=False),
        pa.field("time_to", TIME_TYPE, nullable=False),  # inclusive
        pa.field("flag", pa.string(), nullable=False),  # excluded, under_review
        pa.field("reason", pa.string(), nullable=False),
        pa.field("by", pa.string()),
        pa.field("at", TIME_TYPE),
    ]
)

#: One row per site: the waters that it belongs to, for the status of rivers, lakes and basins.
MEMBERS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("water", pa.string()),  # river, lake or reservoir
        pa.field("basin", pa.string()),
        pa.field("role", pa.string()),  # inflow (left out of its lake); null = an ordinary one
    ]
)

#: One row per approved natural background (自然本底) of a section and item.
BACKGROUND = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("site", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),
        pa.field("period_from", pa.date32(), nullable=False),
        pa.field("period_to", pa.date32(), nullable=False),
        pa.field("limit", VALUE_TYPE),  # approved background value; null = the item as a whole
        pa.field("document", pa.string(), nullable=False),
    ]
)

#: One row per site: where it is, as texts, so that the digits that were given stay.
POSITIONS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("lon", pa.string()),  # degrees
        pa.field("lat", pa.string()),
        pa.field("datum", pa.string()),  # CGCS2000, WGS-84; null = not stated
    ]
)
