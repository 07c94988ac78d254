"""Networks that were trained on real data: training, networks of processes, references, table."""
