"""The telecoms engineer's tools: check, dial, test, draw, diff; all of them offline, on files alone."""
