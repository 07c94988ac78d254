"""How weights lie in the synapse memory: a module for each layout, found by its name.

A connection kind whose weights lie as those of Dense takes `dense`. For another layout it brings a class that
derives from `layout.WeightLayout`: in a module here, which readers of images find by its name, or in the
module of the kind, which has to be imported before its images are read.
"""
