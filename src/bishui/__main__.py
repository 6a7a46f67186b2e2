"""``python -m bishui`` is ``bishui``."""

from bishui.cli.root import main

main()
