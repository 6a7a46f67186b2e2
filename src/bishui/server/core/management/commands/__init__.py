"""One module per command, by its name."""
