"""Files on this machine: the councils' dialplans, the folder of recordings."""
