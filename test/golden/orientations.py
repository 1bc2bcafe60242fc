"""Writes orientations.json: nibabel's axis codes of random affines (rotated, sheared, flipped). Run: python3 orientations.py"""

import json
import pathlib

import nibabel
import numpy as np

random = np.random.default_rng(20)
cases = []
while len(cases) < 200:
    linear = random.normal(size=(3, 3)) if len(cases) % 2 else np.eye(3)[random.permutation(3)] * random.choice([-1, 1], 3)
    linear = (linear + random.normal(scale=0.2, size=(3, 3))) * random.uniform(0.3, 5, 3)
    if abs(np.linalg.det(linear / np.linalg.norm(linear, axis=0))) < 0.01:
        continue
    affine = nibabel.affines.from_matvec(linear, random.normal(scale=100, size=3))
    cases.append({"affine": [round(value, 4) for value in affine.ravel().tolist()], "codes": "".join(nibabel.aff2axcodes(affine))})
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"nibabel": nibabel.__version__, "cases": cases}) + "\n")
