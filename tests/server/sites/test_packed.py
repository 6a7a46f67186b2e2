"""Results of many sites in one block, of which a page reads one."""

import json

from hypothesis import given
from hypothesis import strategies as st

from bishui.server.sites.packed import Packed, pack

RESULTS = st.dictionaries(
    st.uuids().map(str), st.lists(st.dictionaries(st.sampled_from(["period", "class"]), st.text()))
)


@given(RESULTS)
def test_each_site_is_read_as_it_was_packed(results):
    read = Packed(pack({site: json.dumps(found) for site, found in results.items()}))
    assert list(read) == list(results)
    assert read == results


def test_a_site_that_has_no_result_is_not_found():
    read = Packed(pack({"one": '{"class":4}'}))
    assert read.get("other") is None
    assert read["one"] == {"class": 4}
