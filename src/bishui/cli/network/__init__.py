"""``bishui network``: everything that is asked of a network of rivers, lakes and channels on disk."""
