"""The worked examples of the method pages print what the pages say they print."""

import contextlib
import io
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "methods"
_EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```\s*\n(?:[^`]*?\n)??```text\n(?P<printed>.*?)```", re.S)

_FOUND = [
    (page, match) for page in sorted(PAGES.glob("*.md")) for match in _EXAMPLE.finditer(page.read_text())
]


def _name(given):
    page, match = given
    return f"{page.stem}-{page.read_text()[: match.start()].count(chr(10)) + 1}"


@pytest.mark.parametrize("example", _FOUND, ids=_name)
def test_an_example_prints_what_the_page_says(example):
    page, match = example
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(match["code"], str(page), "exec"), {"__name__": "example"})
    assert printed.getvalue().rstrip().splitlines() == match["printed"].rstrip().splitlines()


def test_every_method_page_has_an_example_that_is_run():
    with_examples = {page for page, _ in _FOUND}
    assert [page.name for page in sorted(PAGES.glob("*.md")) if page not in with_examples] == []
