"""Findings that somebody has to look at: exceedance, approach, jumps, missing data, several stations."""
