"""Predictions of new rows with a finished study's model, read and prepared as its own rows were."""
