"""What is kept of a call: when, where, how long."""
