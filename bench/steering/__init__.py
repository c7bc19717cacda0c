"""Sentences kept aside to judge steering by, and voices for them."""
