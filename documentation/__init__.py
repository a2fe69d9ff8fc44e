"""What makes the parts of ``docs/`` that are not written by hand.

``python -m documentation`` makes the page of commands and the gallery's page anew;
``--figures`` runs the scripts of ``examples/`` for their figures, and ``--screenshots`` takes
pictures of a report and a live page from real studies. ``tests/test_site.py`` compares the pages
with what is made.
"""
