"""Passkeys (WebAuthn): registered, listed, shown as a proof."""
