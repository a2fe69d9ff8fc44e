"""A part of the verdicts: what stands beside networks, methods and starts, in words."""
