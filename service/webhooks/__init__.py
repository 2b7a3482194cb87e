"""Telling others that a job has ended: endpoints, signed messages, durable deliveries (Standard Webhooks 1.0.0)."""
