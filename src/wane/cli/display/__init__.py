"""What commands show of themselves: options in panels, and how much they say at work."""
