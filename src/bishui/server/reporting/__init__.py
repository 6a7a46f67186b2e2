"""Half-year and annual summaries (半年、年度总结) and monthly sheets (月报).

Figures are never typed here: they are gathered from the ledger and the assessments with source and day. The
bureau writes the free parts, a second person checks, and what is issued is kept unchanged with its inputs.
"""
