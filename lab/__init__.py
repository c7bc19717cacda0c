"""A town of SIP phones: residents who call, agents who answer, and ears to prove what was said."""
