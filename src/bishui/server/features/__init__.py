"""Sites and results for geographic information systems: OGC API – Features (Part 1: Core 1.0).

An interface of a standard with its own errors, media types and way of paging, over the reads of several apps:
so it stands beside them, without records of its own. It shows what the pages show, to whom they show it.
"""
