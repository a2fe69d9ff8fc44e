"""Training the runs of a study, and all that they begin with."""
