"""The options of commands made into what they mean: a problem, and the study of it."""
