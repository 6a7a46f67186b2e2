"""``bishui plan``: reading, comparing and doubting plan documents on disk."""
