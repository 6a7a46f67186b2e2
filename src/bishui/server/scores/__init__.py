"""Scores (考核评分) of units and divisions: schemes with versions, facts from the ledger, what people judge.

How points follow from facts is the work of `bishui.scoring`; here live the schemes in force, the pages that
open a score to its parts, and the released results, which never change.
"""
