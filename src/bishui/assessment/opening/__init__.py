"""Results of any method opened: each step with its formula, its numbers, its clause and its rows."""
