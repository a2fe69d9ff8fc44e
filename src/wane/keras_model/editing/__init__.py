"""Regularizers, decay and callbacks on models that people train themselves, and advice on them."""
