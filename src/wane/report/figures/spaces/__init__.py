"""Figures of what a search of strengths has shown."""
