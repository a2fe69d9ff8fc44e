"""What the files of a study's folder are called."""

STATEMENT, JOURNAL, SUMMARY, LOCK = "study.json", "study.db", "summary.json", "study.lock"
EXTENDED, REFINED = "extended", "refined"
"""Steps by which a study adds candidates."""
