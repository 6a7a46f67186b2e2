"""What the water of a city is: rivers, basins, counties, rankings by index, calendars of classes, trends.

Pages and the reads behind them live here. This app stores nothing of its own and writes nothing; every figure
comes from `bishui.assessment` over the tables of ``server/sites`` and is kept under the hash of its inputs.
"""

__all__: list[str] = []
