"""Single-use links: by mail, and bound ones for downloads."""
