"""MinHash: 128 numbers for a text, of which two texts share about as large a part as of shingles.

Each number is the least of the text's shingles in one of 128 orders, so that the part of places at
which two signatures agree estimates the Jaccard similarity of the texts, with a standard error of
.04 at most. Signatures are stored: the orders must never change.
"""

import numpy as np

from tasks.tagging.stories.shingles import Hashes, mixed

SIZE = 128
_BLOCK = 4_096  # shingles at a time, so that a long text takes no more than 4 MB
_SHIFT = np.uint64(32)
_STREAM = mixed(np.arange(1, 2 * SIZE + 1, dtype=np.uint64))
_FACTORS, _OFFSETS = _STREAM[:SIZE, None] | np.uint64(1), _STREAM[SIZE:, None]


def sign(shingles: Hashes) -> bytes:
    """Return the signature: 128 unsigned numbers of 32 bits, little-endian; b"" for no shingles."""
    if not len(shingles):
        return b""
    blocks = (shingles[at : at + _BLOCK] for at in range(0, len(shingles), _BLOCK))
    least = [(_FACTORS * block + _OFFSETS).min(axis=1) for block in blocks]
    signature: bytes = (np.min(least, axis=0) >> _SHIFT).astype("<u4").tobytes()
    return signature
