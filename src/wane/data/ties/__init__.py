"""What of a file says which rows belong together, or when they were observed: named or proposed."""
