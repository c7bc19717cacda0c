"""Asterisk: its bytes, its events, its processes; its words end here."""
