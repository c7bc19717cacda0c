"""What the caller hears: a flow, verb by verb, until the call waits for a person or ends."""
