"""What one training of one network costs with wane and with what else is there.

``python -m benchmarks`` from the repository's root; see CONTRIBUTING.md. Every time is stored
beside the quality that was reached in it.
"""
