"""The distributor's decisions: no I/O, no clock."""
