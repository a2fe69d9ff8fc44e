"""A live page of studies: their folders are read as they change, and served to this machine."""
