"""Likelihoods of training rows under a network, with their curvature by its weights."""
