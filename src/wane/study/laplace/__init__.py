"""The strength for each layer that training rows alone ask for, by their evidence."""
