"""Wiring: settings, URLs, middleware, logs, health."""
