"""Telling people: what happened becomes messages, and messages are sent until they arrive or die."""
