"""A short film made of nothing but numbers, and a story, to try Tonereel on."""
