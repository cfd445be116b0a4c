"""A Django of somebody else's, with its own users, cookies and database, that signs people in by mozilla-django-oidc."""
