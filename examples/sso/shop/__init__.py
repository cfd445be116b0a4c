"""A web application with a server of its own: a Django project that signs people in by Authlib."""
