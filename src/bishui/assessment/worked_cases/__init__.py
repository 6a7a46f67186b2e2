"""Known answers: files of worked cases, one module for each kind of layout; importing this registers them."""

from bishui.assessment.worked_cases import areas, ranking, sections, trends, zones

__all__ = ["areas", "ranking", "sections", "trends", "zones"]
