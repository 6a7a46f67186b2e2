"""Tags of the outfall pages."""
