"""What users hold in the end: result, comparison and path, their documents and files."""
