"""Finished runs handed to other tools: a table, Optuna, MLflow, TensorBoard."""
