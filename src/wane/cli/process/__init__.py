"""What a process of wane's own sets up: signals, streams, and where compiled programs are kept."""
