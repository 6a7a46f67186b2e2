"""A bureau's river network: its versions, who lies where on it, traces, spill drills and capacity.

Here live records and pages; whatever can be computed without them is in `bishui.network`, which takes two
seconds to import and is therefore only imported by what a page of this app asks for.
"""
