"""What a water-quality bulletin (水质月报、季报、年报) says: wording and tables from assessed results.

It takes results and gives figures with what they were counted from, tables and their order on paper; it reads
no file, knows no server and assesses nothing anew but what follows from the results given.
"""

from bishui.bulletins.given import BASIN, CITY, COUNTY, WATER, Given, Section, Water, compared_with, is_lake
from bishui.bulletins.paper import (
    PART,
    Bound,
    Content,
    Paper,
    accounts_of,
    bound,
    laid_out,
    rows_of,
    source_of,
)
from bishui.bulletins.tables import Tables, given_of
from bishui.bulletins.telling import tell
from bishui.bulletins.told import (
    FIGURE,
    NO_DATA,
    SITE,
    Behind,
    Figure,
    Gap,
    Sheet,
    Told,
    site_of,
    site_ref,
)
from bishui.bulletins.words import item_line, label, period_name

__all__ = [
    "BASIN",
    "CITY",
    "COUNTY",
    "FIGURE",
    "NO_DATA",
    "PART",
    "SITE",
    "WATER",
    "Behind",
    "Bound",
    "Content",
    "Figure",
    "Gap",
    "Given",
    "Paper",
    "Section",
    "Sheet",
    "Tables",
    "Told",
    "Water",
    "accounts_of",
    "bound",
    "compared_with",
    "given_of",
    "is_lake",
    "item_line",
    "label",
    "laid_out",
    "period_name",
    "rows_of",
    "site_of",
    "site_ref",
    "source_of",
    "tell",
]
