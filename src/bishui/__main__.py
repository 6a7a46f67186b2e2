"""``python -m bishui`` is ``bishui``."""

from bishui.cli import main

main()
