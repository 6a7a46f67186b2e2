"""Indicators (指标): the values of each numeric target over time, reported or computed, and where they lead.

Here live values that people enter, those from accepted progress and from assessments, the forecast for
the deadline, and how section and source targets stand. Targets belong to `plans`, judgement to `assessment`.
"""
