"""What is assessed beside the class of a section.

Zones, sources, flow, flood season, black-odorous water, plants, groundwater, air.
"""
