"""The register of outfalls to and from files and outside systems, so that nobody types twice.

A file's heads and words are told by a mapping, which is data (``mappings``); what is read goes through the
register's one import, what is written comes from the register's one list of fields.
"""
