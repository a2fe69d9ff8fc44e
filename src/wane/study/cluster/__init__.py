"""Batches of runs trained by Ray's workers, on this machine or on many."""
