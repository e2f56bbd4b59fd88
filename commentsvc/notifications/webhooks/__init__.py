"""Webhooks: what happens is told by HTTP, signed after Standard Webhooks (https://www.standardwebhooks.com)."""
