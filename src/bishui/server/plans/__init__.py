"""Plans, targets, tasks and progress: what was decided, whose duty it is and how far it has come.

Here live the ledger of plan documents, the import that writes it and its pages. Reading a document is the
work of `bishui.documents`; judging water against a target is the work of `bishui.assessment`.
"""
