"""The speed of it, side by side with the limit of the same Asterisk; see docs/performance.md."""
