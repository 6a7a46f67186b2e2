"""Bishui (碧水): from a water-pollution plan to a loop that can be audited.

The packages below are rooms; each answers one question (see ``docs/explanation/architecture.md``).
The rooms above ``server`` are pure: tables, arrays and dataclasses in and out, no Django.
"""

__version__ = "0.1.0"
