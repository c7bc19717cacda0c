"""What agents, supervisors and engineers see and press."""
