"""Commands that read the folder of a finished study."""
