"""Signed-in installations: one row each for their whole life."""
