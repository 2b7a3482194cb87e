"""What the judge of rendered music is made of; no training of anything else may import it."""
