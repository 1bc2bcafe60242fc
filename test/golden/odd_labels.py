"""Writes odd-labels.json: label files made by nibabel 5 as people's programs make them, with what they must be read as.

Each entry: `file` (the .nii.gz, base64), `image` (shape and voxel-to-world of its image), and `painted`: the value of
every voxel of the image that is not background, as [i, j, k, value] in order of k, j, i.
Run: $VOXEL_LOOP_PYTHON test/golden/odd_labels.py > test/golden/odd-labels.json
"""

import base64
import gzip
import json

import nibabel
import numpy as np

SHAPE = (9, 8, 7)
AFFINE = np.array([[-0.7, 0, 0, 30], [0, 0.7, 0, -20], [0, 0, 5, 7], [0, 0, 0, 1.0]])


def labels():
    found = np.zeros(SHAPE, np.int64)
    found[2:5, 3:6, 1:4] = 1
    found[4, 5, 3] = 2
    found[3, 3, 2] = 3
    return found


def entry(voxels, affine, expected, dtype=None, stored=None):
    image = nibabel.Nifti1Image(voxels, affine, dtype=dtype)
    if stored is not None:
        image.set_data_dtype(stored)
    # mtime 0: the same bytes each time.
    file = base64.b64encode(gzip.compress(image.to_bytes(), mtime=0)).decode()
    at = np.argwhere(expected)
    painted = [[*map(int, voxel), int(expected[tuple(voxel)])] for voxel in at]
    painted.sort(key=lambda each: each[2::-1])
    return {"file": file, "image": {"shape": SHAPE, "voxelToWorld": AFFINE.flatten().tolist()}, "painted": painted}


def moved(offset):
    affine = AFFINE.copy()
    affine[:3, 3] += AFFINE[:3, :3] @ offset
    return affine


def scaled(top, stored):
    """Float labels of a range that nibabel spreads over an integer type."""
    values = labels().astype(float)
    values[0, 0, 0] = top
    return entry(values, AFFINE, values.astype(np.int64), stored=stored)


plain = labels()
entries = {"plain": entry(plain.astype(np.uint8), AFFINE, plain)}
entries["scaled uint8, up to 3"] = scaled(3, np.uint8)
entries["scaled uint8, up to 17"] = scaled(17, np.uint8)
entries["scaled int16, up to 3"] = scaled(3, np.int16)
entries["scaled int16, up to 2035"] = scaled(2035, np.int16)
entries["scaled int16, up to 14175"] = scaled(14175, np.int16)
entries["scaled int16, down to -40"] = scaled(-40, np.int16)
entries["scaled int32, up to 14175"] = scaled(14175, np.int32)

# 3D Slicer exports segmentations cropped to their content.
entries["cropped"] = entry(plain[2:5, 3:6, 1:4].astype(np.uint8), moved([2, 3, 1]), plain)
padded = np.zeros((12, 12, 12), np.uint8)
padded[1:10, 2:10, 3:10] = plain
entries["padded"] = entry(padded, moved([-1, -2, -3]), plain)

# The same world, in the order of another program.
flip = np.diag([1, -1, 1, 1.0])
flip[1, 3] = SHAPE[1] - 1
entries["flipped"] = entry(plain[:, ::-1].astype(np.uint8), AFFINE @ flip, plain)
as_ras = nibabel.as_closest_canonical(nibabel.Nifti1Image(plain.astype(np.uint8), AFFINE))
entries["as RAS"] = entry(np.asarray(as_ras.dataobj), as_ras.affine, plain)
swapped = np.array([[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])
entries["axes swapped"] = entry(np.transpose(plain, (1, 2, 0)).astype(np.uint8), AFFINE @ swapped, plain)
piece = plain[2:5, 3:6, 1:4][::-1, :, ::-1].astype(np.uint8)
turned = np.diag([-1, 1, -1, 1.0])
turned[:3, 3] = [2, 0, 2]
entries["cropped and flipped"] = entry(piece, moved([2, 3, 1]) @ turned, plain)

print("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in entries.items()) + "\n}")
