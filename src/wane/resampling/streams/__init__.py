"""Arrays that stay in their files: opened there, checked in blocks, read row by row."""
