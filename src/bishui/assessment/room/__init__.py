"""What is left of a target for the rest of the year, and how probable it is."""
