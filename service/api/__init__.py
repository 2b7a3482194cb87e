"""The public routes."""
