"""What a developer and a first start need: set-up, checks, benchmarks, docs. Standard library only.

``python3 -m develop run`` is ``make run``; the same for every target of the Makefile.
"""
