"""The OpenID provider: clients of other domains, what a person lets them know, and the grants that end in their tokens."""
