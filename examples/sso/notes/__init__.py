"""A service of its own: it keeps notes, and lets in whoever shows a token of Signet that is for it."""
