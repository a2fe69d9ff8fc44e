"""What people read: figures, the terminal table and the HTML page.

Pure functions of plain tables and of the document (both described in ``docs/architecture.md``).
Nothing is imported here, so that the terminal table does not wait for matplotlib.
"""
