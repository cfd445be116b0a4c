"""Foreign clients against a real server."""
