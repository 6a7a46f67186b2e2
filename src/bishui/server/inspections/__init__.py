"""Supervision of outfalls: the random draw (双随机), supervisory monitoring, inspections, findings.

What a draw is and how a duty is counted live in `bishui.outfalls`; findings become cases in `server.cases`.
"""
