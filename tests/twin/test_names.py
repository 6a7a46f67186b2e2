"""Fiction and fact are never mixed: no invented thing bears a real name."""

from importlib import resources

import pytest

from bishui.places import places
from bishui.twin import build_city


@pytest.fixture(scope="module")
def invented():
    city = build_city(size="medium")
    named = (*city.divisions, *city.units, *city.sections, *city.sources, *city.plants, *city.parks)
    names = {thing.name_zh for thing in (*named, *city.dischargers, *city.outfalls)}
    return names | {reach.river for reach in city.reaches}


@pytest.fixture(scope="module")
def real():
    names = set()
    for place in places():
        names |= {d.name_zh for d in place.divisions} | {s.name_zh for s in place.sources}
        names |= {p.name_zh for p in place.plants} | {p.park for p in place.plants}
        names |= {s.name_zh for s in place.sections} | {s.water for s in place.sections}
        names |= {other.name for s in place.sections for other in s.also_written}
    return names


def test_no_invented_name_is_among_the_published_facts(invented):
    folder = resources.files("bishui.places").joinpath("data")
    facts = "".join(folder.joinpath(f"{p.key}.toml").read_text(encoding="utf-8") for p in places())
    assert len(invented) > 80
    assert not [name for name in invented if name in facts]


def test_no_real_name_stands_in_the_data_of_the_twin(real):
    folder = resources.files("bishui.twin").joinpath("data")
    texts = {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".toml")}
    assert len(real) > 60
    assert not [(name, file) for name in real for file, text in texts.items() if name in text]


def test_the_invented_codes_lie_outside_the_real_ones():
    """GB/T 2260 gives the first two digits up to 82; 99 stands for no province."""
    assert all(d.code.startswith("99") for d in build_city().divisions)
