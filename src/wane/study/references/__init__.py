"""Models beside which a study puts its networks, fitted and evaluated on the study's own rows."""
