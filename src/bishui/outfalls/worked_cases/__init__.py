"""Known answers for the rules of outfalls; importing this registers their layouts."""

from bishui.outfalls.worked_cases import codes

__all__ = ["codes"]
