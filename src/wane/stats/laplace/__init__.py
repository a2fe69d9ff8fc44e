"""The evidence of training rows for the precisions of a prior, by Laplace's approximation."""
