# Each target is `python3 -m develop TARGET`; use that where there is no make.
PYTHON ?= python3

.PHONY: run test lint bench docs messages locks
run test lint bench docs messages locks:
	@$(PYTHON) -m develop $@ $(ARGS)
