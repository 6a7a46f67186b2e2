"""Results as one plain table: every method, the same documented columns, one row for each result."""
