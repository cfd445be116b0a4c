"""Password hashes of other systems: verified at the first sign-in after an import, then replaced by Argon2id.

One file a format. Each reads its own encoded form and refuses parameters that would cost more than a sign-in may.
"""
