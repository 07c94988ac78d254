"""A network of excitatory and inhibitory neurons: one process, three models."""
