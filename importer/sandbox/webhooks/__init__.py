"""Webhooks: subscriptions, the outbox made of the companies' history, and its deliveries to receivers on this machine."""
