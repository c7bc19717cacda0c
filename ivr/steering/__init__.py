"""From words to meaning: intents learned from a council's phrases, urgency, and how good it is."""
