"""Networks in and out of files: tables of reaches, lines with attributes, SWMM models.

Each reader accounts for every row, collects what is wrong with its place and the remedy, and says which
values are guesses. Nothing here computes on a network; that is for the modules beside this folder.
"""

from bishui.network.formats.assemble import assemble
from bishui.network.formats.checking import build_file, problems_of
from bishui.network.formats.keeping import keep_file, open_kept, reading_code
from bishui.network.formats.measures import chainage_of_measure
from bishui.network.formats.model import (
    LON_LAT,
    Account,
    Assumption,
    Fate,
    NetworkFile,
    Origin,
    ReadingOptions,
)
from bishui.network.formats.reading import read_network
from bishui.network.formats.writing import write_network

__all__ = [
    "LON_LAT",
    "Account",
    "Assumption",
    "Fate",
    "NetworkFile",
    "Origin",
    "ReadingOptions",
    "assemble",
    "build_file",
    "chainage_of_measure",
    "keep_file",
    "open_kept",
    "problems_of",
    "read_network",
    "reading_code",
    "write_network",
]
