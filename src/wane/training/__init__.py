"""The only training loop: a pure program, and how its runs are laid on the machine's cores."""
