"""A part of ``report/figures/``: methods and candidates beside each other, and their settings."""
