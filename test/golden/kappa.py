"""Golden values for test/core/metrics/kappa.test.ts.

    $PYTHON test/golden/kappa.py > test/golden/kappa.json

Needs numpy and scikit-learn (made with 1.x; the version is in the file). The label maps come from an integer recurrence
that both sides compute.
"""
import json

import numpy as np
import sklearn
from sklearn.metrics import cohen_kappa_score

VOXELS = 2000


def label_map(seed: int, highest: int, foreground: int) -> np.ndarray:
    """Labels 1..highest on about foreground / 100 of the voxels, 0 elsewhere."""
    values, state = np.empty(VOXELS, dtype=np.int64), seed
    for n in range(VOXELS):
        state = (1103515245 * state + 12345) % 2**31
        inside = (state // 65536) % 100 < foreground
        state = (1103515245 * state + 12345) % 2**31
        values[n] = 1 + (state // 65536) % highest if inside else 0
    return values


def second_map(first: np.ndarray, seed: int, highest: int, changed: int) -> np.ndarray:
    """The first person's labels, with about changed / 100 of them drawn anew."""
    again = label_map(seed, highest, 50)
    chosen = label_map(seed + 1, 1, changed)
    return np.where(chosen == 1, again, first)


cases = []
for first_seed, highest, foreground, changed in [(1, 3, 20, 10), (2, 3, 2, 3), (3, 1, 50, 90), (4, 4, 90, 0)]:
    first = label_map(first_seed, highest, foreground)
    second = second_map(first, first_seed + 100, highest, changed)
    cases.append({
        "seed": first_seed, "highest": highest, "foreground": foreground, "changed": changed,
        "overall": cohen_kappa_score(first, second),
        "labels": [cohen_kappa_score(first == label, second == label) for label in range(1, highest + 1)],
    })
print(json.dumps({"voxels": VOXELS, "sklearn": sklearn.__version__, "cases": cases}, indent=1))
