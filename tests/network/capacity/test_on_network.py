"""Capacity on a network: what the linear programme allows keeps every target when the network is solved again."""

import dataclasses

import numpy as np
import pytest

from bishui.errors import CallError
from bishui.network import Load, Pollutant, Section, solve
from bishui.network.capacity.allocation import greatest_total
from bishui.network.capacity.on_network import allocation_case, room_at
from bishui.network.settings import settings
from tests.network.nets import network

COD = Pollutant("cod", 0.2, 1.0)
NET = network([10_000, 6000, 20_000], [(0, 2), (1, 2)], lateral=[8, 4, 0])
LOADS = (Load("a", 0, 2000.0, 0.3, {"cod": 200.0}), Load("b", 1, 500.0, 0.2, {"cod": 300.0}))
TARGETS = {Section("upper", 0, 9000.0): 18.0, Section("lower", 2, 15_000.0): 14.0}
NO_MARGIN = settings("capacity", margin_of_safety=0.0)


def solved(loads):
    return solve(NET, [COD], loads, {"cod": np.full(3, 8.0)})


def with_loads(allowed):
    return [
        dataclasses.replace(load, concentrations={"cod": float(grams) / load.flow})
        for load, grams in zip(LOADS, allowed, strict=True)
    ]


def test_the_allowed_loads_meet_the_targets_and_the_binding_section_exactly():
    found = greatest_total(allocation_case(solved(LOADS), "cod", TARGETS, {"a": 2.0}, NO_MARGIN))
    again = solved(with_loads(found.loads))
    reached = {section.key: again.at(section).concentrations[0] for section in TARGETS}
    assert all(reached[section.key] <= target * (1 + 1e-9) for section, target in TARGETS.items())
    assert found.binding
    for section, target in TARGETS.items():
        if section.key in found.binding:
            assert reached[section.key] == pytest.approx(target, rel=1e-9)


def test_the_room_of_a_new_outfall_brings_the_binding_section_to_its_target():
    start = solved(with_loads([10.0, 10.0]))
    place = Section("new", 0, 4000.0)
    room = room_at(start, "cod", TARGETS, [place], NO_MARGIN)
    added = Load("new", 0, 4000.0, 1e-9, {"cod": room.load[0] / 1e-9})
    again = solved([*with_loads([10.0, 10.0]), added])
    reached = [again.at(section).concentrations[0] / target for section, target in TARGETS.items()]
    assert max(reached) == pytest.approx(1.0, rel=1e-6)
    assert list(TARGETS)[int(np.argmax(reached))].key == room.binds(0)


def test_below_every_section_nothing_can_be_said():
    room = room_at(solved(LOADS), "cod", TARGETS, [Section("end", 2, 19_000.0)])
    assert room.binds(0) is None


def test_a_pollutant_that_was_not_computed_is_refused():
    with pytest.raises(CallError, match="cod"):
        room_at(solved(LOADS), "tp", TARGETS, [])
