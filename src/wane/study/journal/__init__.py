"""What a study keeps on disk while it runs: journal, statement and the folder's lock."""
