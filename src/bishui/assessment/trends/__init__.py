"""Trends over periods: rank correlation, Mann-Kendall, seasonal Kendall."""
