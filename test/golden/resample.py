"""Writes resample.json: planes resampled by PyTorch 2.13.0 (interpolate, bilinear, antialias, align_corners=False).

Its convention is ours: both sizes cover one field of view, edge to edge, and a shrinking triangle is as wide as a target
pixel. Pixel (r, c) of a source holds ((31 r + 17 c) mod 23 - 11) / 4, which the test makes again.
Run: $VOXEL_LOOP_PYTHON test/golden/resample.py > test/golden/resample.json
"""

import json

import torch
from torch.nn import functional

SIZES = [
    ((7, 5), (3, 4)),
    ((13, 9), (29, 20)),
    ((16, 12), (16, 5)),
    ((12, 16), (31, 16)),
    ((1, 6), (4, 2)),
    ((9, 1), (2, 3)),
    ((2, 512), (2, 240)),
    ((240, 2), (512, 2)),
    ((10, 11), (10, 11)),
    ((64, 48), (17, 61)),
]

cases = []
for source, target in SIZES:
    rows = torch.arange(source[0], dtype=torch.float64)[:, None]
    columns = torch.arange(source[1], dtype=torch.float64)[None, :]
    plane = (torch.remainder(31 * rows + 17 * columns, 23) - 11) / 4
    resampled = functional.interpolate(
        plane[None, None], size=target, mode="bilinear", antialias=True, align_corners=False
    )
    values = [round(float(value), 6) for value in resampled.flatten()]
    cases.append({"source": source, "target": target, "values": values})
print("[" + ",\n".join(json.dumps(case) for case in cases) + "]")
