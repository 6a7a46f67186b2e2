"""Bodies of water and areas: rivers, basins, divisions, lakes; shares, change, trophic state."""
