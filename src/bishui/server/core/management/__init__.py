"""Commands of the framework that this platform does in its own way; nothing of the platform's own is here."""
