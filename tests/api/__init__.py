"""The resource server: rules, resources, shapes."""
