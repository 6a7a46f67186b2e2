"""The water quality index of sections and cities, and their ranking."""
