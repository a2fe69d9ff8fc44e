"""What the files of a study's folder are called."""

STATEMENT, JOURNAL, SUMMARY, LOCK = "study.json", "study.db", "summary.json", "study.lock"
