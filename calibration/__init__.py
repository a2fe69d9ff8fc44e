"""Simulations of problems whose truth is known: does a verdict say what is true as often as it says?

``python -m calibration`` runs them and prints; with ``--update-docs`` it writes what came out into
``docs/calibration.md``. The tests of the slow set hold the same simulations to their limits.
"""
