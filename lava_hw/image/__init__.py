"""The image of a compiled network: blocks for the chip, a manifest for the host, one file."""

from lava_hw.image.blocks import (
    Block,
    DevicePart,
    address,
    config_flits,
    decode_device_part,
    encode_device_part,
    region_words,
    synapse_address,
)
from lava_hw.image.diff import diff
from lava_hw.image.errors import ImageError
from lava_hw.image.image import Image

__all__ = [
    "Block",
    "DevicePart",
    "Image",
    "ImageError",
    "address",
    "config_flits",
    "decode_device_part",
    "diff",
    "encode_device_part",
    "region_words",
    "synapse_address",
]
