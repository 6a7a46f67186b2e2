"""What the public sees and says: released results only, complaints and their answers.

Nothing that was not released by a person may be read from here.
"""
