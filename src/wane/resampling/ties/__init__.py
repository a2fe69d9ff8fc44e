"""Rows that belong together: groups, copies, and rows in an order."""
