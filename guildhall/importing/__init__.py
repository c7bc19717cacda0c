"""`guildhall import`: an existing Asterisk configuration becomes flows, as far as it can be told what it means."""
