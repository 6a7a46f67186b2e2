"""The mechanisms that all apps stand on: audit trail, rights, registers, workflows, imports, jobs.

Here lives what is the same for every record; what a record means lives in its app. Core imports no app.
"""
