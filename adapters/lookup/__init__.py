"""Services of the councils, asked over HTTP within narrow limits."""
