"""Cities held in memory (`bishui.assessment.CityModel`), so that a change can be tried at once.

A process keeps the models of the last few cities. A model is that of one state of the inputs and of the
sections that a user may see; after a change that was saved it is built anew when it is asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

import pyarrow as pa

from bishui.assessment import CityModel
from bishui.server.waters.areas import county_of
from bishui.server.waters.kept import WaterResults

_KEPT = 3

_models: OrderedDict[str, CityModel] = OrderedDict()
_lock = Lock()
_building: dict[str, Lock] = {}


def is_warm(results: WaterResults) -> bool:
    """Tell whether a change can be tried without building the model first."""
    return results.state in _models


def model_of(results: WaterResults) -> CityModel | None:
    """Return the model of a city's sections as they stand now; None where there is no reading."""
    key = results.state
    with _lock:
        own = _building.setdefault(key, Lock())
    with own:  # one request builds, the others wait for it
        model = _found(key) or _built(results)
    with _lock:
        if model is not None:
            _models[key] = model
            _models.move_to_end(key)
        while len(_models) > _KEPT:
            _models.popitem(last=False)
        _building.pop(key, None)
    return model


def _found(key: str) -> CityModel | None:
    with _lock:
        return _models.get(key)


def _built(results: WaterResults) -> CityModel | None:
    rows = results.all_rows()
    if not rows.num_rows:
        return None
    given = results.judged_by()
    return CityModel.build(rows, _by_county(results, given.pop("sites")), **given)


def _by_county(results: WaterResults, sites: pa.Table) -> pa.Table:
    """Return the sections with their county as the division: counties are what a city ranks."""
    counties = {str(site.pk): county_of(site.county, results.workspace.division) for site in results.sites}
    here = sites.filter(pa.array([site in counties for site in sites["id"].to_pylist()], pa.bool_()))
    own = [counties[site] or None for site in here["id"].to_pylist()]
    place = here.schema.get_field_index("division")
    return here.set_column(place, here.schema.field(place), pa.array(own, here.schema.field(place).type))
