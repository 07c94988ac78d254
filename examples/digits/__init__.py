"""The handwritten digits of scikit-learn as a spiking network: training, processes, references, report."""
