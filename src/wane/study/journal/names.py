"""What the files of a study's folder are called."""

STATEMENT, JOURNAL, SUMMARY, LOCK = "study.json", "study.db", "summary.json", "study.lock"
EXTENDED, REFINED, GIVEN = "extended", "refined", "given"
"""Steps by which a study gets further candidates: two that it takes by itself, and those that the
user gives to one that has begun."""
ADDED = "added"
"""The entry of a statement that has the latter."""
SCHEMA = 2
"""The version of ``study.json``: 1 was that of wane 0.1.0."""
SHOWN = "shown"
"""The entry of a statement that says how its runs are shown before they have all ended."""
