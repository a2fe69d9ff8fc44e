"""What notebooks and terminals show: results as HTML, presets, and how far a study is."""
