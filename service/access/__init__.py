"""Who may ask for what, and how often: API keys, the gate at the door and the rate limiter."""
