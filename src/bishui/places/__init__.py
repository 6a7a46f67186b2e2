"""What has been published about real places: facts with the document and the line they stand in.

Here live sections, targets, sources and readings of Liuzhou (柳州) and Qinzhou (钦州). No invented value, no
sentence of a document and no geometry of others may be stored here; what has no data is left out.
"""

from bishui.places.loading import place, places
from bishui.places.model import (
    Buffer,
    ClassTarget,
    Division,
    Document,
    DrinkingSource,
    FlowTarget,
    OtherName,
    Place,
    Plant,
    Readings,
    Section,
    Target,
)

__all__ = [
    "Buffer",
    "ClassTarget",
    "Division",
    "Document",
    "DrinkingSource",
    "FlowTarget",
    "OtherName",
    "Place",
    "Plant",
    "Readings",
    "Section",
    "Target",
    "place",
    "places",
]
