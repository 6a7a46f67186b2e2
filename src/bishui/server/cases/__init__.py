"""Cases: one case type for whatever has a cause, an owner, a deadline, evidence and transitions.

Here live the case records, the workflow file of each kind and their pages. Which states a kind has is said
in its workflow file alone; nothing here changes a state but the workflow engine.
"""
