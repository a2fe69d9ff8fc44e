"""What notebooks and terminals show: results as HTML, and how far a study is."""
