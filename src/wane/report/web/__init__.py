"""The page of a study: one HTML file with its figures, tables and script inside."""
