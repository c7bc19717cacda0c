"""Speech and sound made here: prompts spoken by a synthesiser, hold music."""
