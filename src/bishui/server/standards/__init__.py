"""What the law and the bureau say, as pages: limits, settings of methods, the bureau's own override files.

Here live the uploaded override files with their states and the pages that show limits and settings. What a
limit is, how an override is read and what it changes is said in `bishui.standards` alone.
"""
