"""Simulations of problems whose truth is known: are the intervals and verdicts what they claim?

``python -m calibration`` runs them and prints; with ``--update-docs`` it writes what came out into
``docs/calibration.md``. The tests of the slow set hold the same simulations to their limits.
"""

import wane  # noqa: F401 # before Keras, so that it starts on JAX
