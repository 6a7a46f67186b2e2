"""Who was it (溯源): from exceedances to suspects with probabilities, evidence and the next sample.

Here live prior, likelihood, posterior, groups of candidates that cannot be told apart, and release windows.
No result here is proof: every one says that it is a lead for inspection.
"""

from bishui.network.tracing.clues import Clue
from bishui.network.tracing.event import NothingToTrace
from bishui.network.tracing.findings import Finding, Found, HitRate, Rate, hit_rate
from bishui.network.tracing.linear import Fitted, gaussian_posterior, least_squares, non_negative
from bishui.network.tracing.next_sample import NextSample
from bishui.network.tracing.posterior import Interval
from bishui.network.tracing.tables import Candidate, Fingerprint, Samples
from bishui.network.tracing.trace import LEAD, Group, Suspect, Trace, Verdict, trace
from bishui.network.tracing.windows import Window, intersection, release_window

__all__ = [
    "LEAD",
    "Candidate",
    "Clue",
    "Finding",
    "Fingerprint",
    "Fitted",
    "Found",
    "Group",
    "HitRate",
    "Interval",
    "NextSample",
    "NothingToTrace",
    "Rate",
    "Samples",
    "Suspect",
    "Trace",
    "Verdict",
    "Window",
    "gaussian_posterior",
    "hit_rate",
    "intersection",
    "least_squares",
    "non_negative",
    "release_window",
    "trace",
]
