"""The search of a strength for each layer: whether it finds what is known, and how soon."""
