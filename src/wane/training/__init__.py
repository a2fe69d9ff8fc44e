"""The only training loop: a pure program, and its placement on the machine's cores."""
