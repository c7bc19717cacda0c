"""The words every other folder speaks: pure data, no I/O, no clock, no one else's words."""
