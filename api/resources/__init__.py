"""One file or folder a resource: serializer, filter and viewset side by side."""
