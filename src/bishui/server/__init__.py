"""Who does what: the Django project over the pure rooms.

Each app owns its models, pages, permissions and tests. Apps write through each other's ``services`` and
read through each other's ``queries``; all may use ``core``, ``core`` uses none of them.
"""
