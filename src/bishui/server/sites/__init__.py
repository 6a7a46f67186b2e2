"""Places where water is measured or taken: sites, aliases, flags, stored results, the overview and the map.

Measurements themselves lie in the store of `bishui.observations`; this app imports them, says which of them
count, and shows what `bishui.assessment` makes of them. Writes go through `services`,
reads through `queries`.
"""
