"""Scripts that make or check what is generated: documentation, catalogue, pictures."""
