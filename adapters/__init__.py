"""The outside world: I/O only; adapters know the kernel and nothing else."""
