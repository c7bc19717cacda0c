"""The flow language and the walk through it: no I/O, no clock."""
