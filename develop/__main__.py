"""``python3 -m develop TARGET``."""

from __future__ import annotations

import sys

from develop import targets

USAGE = "usage: python3 -m develop run|test|lint|bench|docs|messages|locks [arguments]"


def main(arguments: list[str]) -> int:
    """Run one target and return its exit status."""
    chosen = {
        "run": targets.run,
        "test": targets.test,
        "lint": targets.lint,
        "bench": targets.bench,
        "docs": targets.docs,
        "messages": targets.messages,
        "locks": targets.locks,
    }
    if not arguments or arguments[0] not in chosen:
        print(USAGE, file=sys.stderr)
        return 2
    return chosen[arguments[0]](arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
