"""Files and cells read: a text to a frame, and its texts to numbers, dates, gaps and classes."""
