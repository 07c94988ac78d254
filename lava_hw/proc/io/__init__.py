"""Data into networks, out of them, and between them and the program."""

from lava_hw.proc.io import dataloader, encoder, extractor, injector, reset, sink, source

__all__ = ["dataloader", "encoder", "extractor", "injector", "reset", "sink", "source"]
