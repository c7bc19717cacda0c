"""The vault: recordings sealed with AES-256-GCM, a key of its own for each, in a directory."""
