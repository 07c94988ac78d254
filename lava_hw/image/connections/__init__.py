"""Kinds of connections as images know them: a module for each kind, found by its name.

A kind has a layout of its weights (`layout.WeightLayout`), and descriptors that are checked and shown
(`descriptor.DescriptorKind`). A kind whose weights lie as those of Dense takes `dense.DenseLayout`. A kind
brings its own in a module here, which readers of images find by its name, or in another module, which has to
be imported before its images are read.
"""
