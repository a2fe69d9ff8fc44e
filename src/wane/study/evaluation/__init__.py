"""Statistics of finished runs: paired differences, diagnosis and expected performance."""
