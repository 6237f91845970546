"""What everything else stands on: values, roles, messages, the pipeline and the registry."""
