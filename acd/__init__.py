"""Who answers: queue, offer, talk, wrap-up."""
