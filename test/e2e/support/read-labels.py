"""What nibabel makes of a label map and of its image: the geometry of both and the voxels that are not background.

Reads {"labels": path, "image": path} from standard input and prints JSON. Voxels are [i, j, k, value].
"""
import json
import sys

import nibabel as nib
import numpy as np

request = json.load(sys.stdin)
labels = nib.load(request["labels"])
image = nib.load(request["image"])
data = np.asanyarray(labels.dataobj)


def geometry(volume):
    header = volume.header
    qform, qform_code = header.get_qform(coded=True)
    sform, sform_code = header.get_sform(coded=True)
    return {
        "shape": list(volume.shape[:3]),
        "affine": volume.affine.tolist(),
        "qform": None if qform is None else qform.tolist(),
        "sform": None if sform is None else sform.tolist(),
        "codes": [int(qform_code), int(sform_code)],
        "zooms": [float(zoom) for zoom in header.get_zooms()[:3]],
        "units": list(header.get_xyzt_units()),
    }


print(
    json.dumps(
        {
            "labels": geometry(labels),
            "image": geometry(image),
            "dtype": str(data.dtype),
            "intent": int(labels.header["intent_code"]),
            "voxels": [[*map(int, where), int(data[tuple(where)])] for where in np.argwhere(data != 0)],
        }
    )
)
