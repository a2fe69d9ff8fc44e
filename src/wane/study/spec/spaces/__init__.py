"""A part of spec: spaces of candidates that are searched."""
