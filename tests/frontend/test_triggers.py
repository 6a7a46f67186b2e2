"""What makes htmx ask (``hx-trigger``), as htmx 4 reads it: an unquoted modifier ends at the first blank."""

import re
from pathlib import Path

import pytest

import bishui.server

_TRIGGER = re.compile(r'hx-trigger="([^"]*)"')
_CUT = re.compile(r"\b(?:from|target):(?:closest|find|next|previous)\b")
TEMPLATES = sorted(
    path
    for path in Path(bishui.server.__file__).parent.rglob("*.html")
    if _TRIGGER.search(path.read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_an_element_named_by_its_relation_stands_in_quotes(template):
    """``from:closest details`` would listen on an element ``closest``, which there is not: nothing happens."""
    for trigger in _TRIGGER.findall(template.read_text(encoding="utf-8")):
        assert not _CUT.search(trigger), trigger
