"""Reads label maps with nibabel and compares their geometry with that of their images.

stdin: a JSON list of {"image": path, "labels": path}. stdout: a JSON list, one entry each:
  differences  header fields that are not equal to the image's or not what a label map's must be (empty: all is well)
               null where nibabel cannot read the image itself
  painted      [label, [x, y, z]] of every voxel that is not background, in RAS+ mm, in order of label
"""

import json
import logging
import sys

import nibabel
import numpy as np

logging.disable(logging.CRITICAL)

COPIED = [
    "pixdim", "xyzt_units", "qform_code", "sform_code",
    "quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z",
    "srow_x", "srow_y", "srow_z",
]  # fmt: skip


def compare(image_path, labels_path):
    try:
        image = nibabel.load(image_path)
    except Exception:
        return {"differences": None, "painted": []}
    labels = nibabel.load(labels_path)
    ours, theirs = labels.header, image.header
    differences = []
    if type(ours) is not type(theirs):
        differences.append("version")
    if labels.shape != image.shape[:3]:
        differences.append(f"shape {labels.shape}")
    # Numbers of one format: equal bytes after byte order is put aside (NaN equals itself).
    for field in COPIED:
        a, b = np.asarray(ours[field]), np.asarray(theirs[field])
        if a.astype(a.dtype.newbyteorder("<")).tobytes() != b.astype(b.dtype.newbyteorder("<")).tobytes():
            differences.append(field)
    if not np.array_equal(labels.affine, image.affine, equal_nan=True):
        differences.append("affine")
    if int(ours["intent_code"]) != 1002:
        differences.append("intent_code")
    if not (labels.dataobj.slope == 1 and labels.dataobj.inter == 0):
        differences.append("scaling")
    if bytes(ours["descrip"]).strip(b"\0") or bytes(ours["aux_file"]).strip(b"\0") or len(ours.extensions):
        differences.append("description, aux_file or extensions")
    if int(ours["cal_min"]) or int(ours["cal_max"]):
        differences.append("cal_min, cal_max")
    data = np.asarray(labels.dataobj)
    voxels = np.argwhere(data)
    world = nibabel.affines.apply_affine(labels.affine, voxels.reshape(-1, data.ndim)) if data.ndim == 3 else voxels
    world = np.where(np.isfinite(world), world, 0)  # JSON has no NaN
    painted = [[int(data[tuple(voxel)]), list(map(float, point))] for voxel, point in zip(voxels, world)]
    return {"differences": differences, "painted": sorted(painted)}


print(json.dumps([compare(pair["image"], pair["labels"]) for pair in json.load(sys.stdin)]))
