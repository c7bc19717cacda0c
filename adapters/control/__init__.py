"""The engine's local door: commands from the command line, over a unix socket that only its owner may open."""
