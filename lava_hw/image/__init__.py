"""The image of a compiled network: segments for the chip, a manifest for the host, one file."""

from lava_hw.image.diff import diff
from lava_hw.image.errors import ImageError
from lava_hw.image.image import Image
from lava_hw.image.manifest import Manifest
from lava_hw.image.segments import (
    DevicePart,
    Segment,
    address,
    config_flits,
    decode_device_part,
    encode_device_part,
    region_words,
    synapse_address,
)

__all__ = [
    "DevicePart",
    "Image",
    "ImageError",
    "Manifest",
    "Segment",
    "address",
    "config_flits",
    "decode_device_part",
    "diff",
    "encode_device_part",
    "region_words",
    "synapse_address",
]
