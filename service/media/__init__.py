"""Media files in and out: probing, reading reference audio, writing audio, and muxing it under a copied picture."""
