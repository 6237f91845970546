"""The foundation of all other packages: values, roles, messages, the pipeline and the registry."""
