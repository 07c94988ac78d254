"""Variable access: where the values of variables are on a chip, and how they are read and written.

A `Store` (`store`) names 32-bit words of the chip (`locate`), and turns words into values (`decode`) and
values into words (`encode`). There is a module for each kind of store that docs/image.md lists. `parse` finds
the store of each variable in a manifest, and `access` reads and writes variables by name.
"""
