"""What is checked of a model before a study trains it: its copy, its first step, its gradients."""
