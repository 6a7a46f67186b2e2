"""A small city of the tuning seeds, and its files."""

import pytest

from bishui.twin.scaled import basins, seeds, write_scaled

SEED = seeds("tuning")[0]


@pytest.fixture(scope="package")
def city():
    return list(basins(16, SEED, 365))


@pytest.fixture(scope="package")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    return write_scaled(9, SEED, 90, folder)
