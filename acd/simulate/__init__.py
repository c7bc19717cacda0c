"""A day in virtual time: the distributor's own core, a switchboard that is only played, and no clock."""
