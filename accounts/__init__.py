"""The authorization server: proves who somebody is, and issues, renews and revokes tokens."""
