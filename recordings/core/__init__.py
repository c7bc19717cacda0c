"""The rules of keeping: no I/O, no clock."""
