"""Golden values for test/core/metrics/overlap-scores.test.ts.

    $VOXEL_LOOP_PYTHON test/golden/overlap-scores.py > test/golden/overlap-scores.json

Needs numpy. Dice and IoU by their set definitions, written without looking at the
TypeScript. The label maps come from an integer recurrence that both sides compute.
"""
import json

import numpy as np

SHAPE = (23, 17, 11)  # nx, ny, nz; x fastest
LABELS = (1, 2, 3)  # 3 is absent from case "b" altogether
VOXEL_MM3 = 0.75 * 0.75 * 3.0


def label_map(seed: int, highest: int) -> np.ndarray:
    values, state = np.empty(SHAPE[0] * SHAPE[1] * SHAPE[2], dtype=np.int64), seed
    for n in range(values.size):
        state = (1103515245 * state + 12345) % 2**31
        values[n] = (state // 65536) % (highest + 2)
    values[values > highest] = 0
    return values


def score(prediction: np.ndarray, truth: np.ndarray) -> dict:
    out = {}
    for label in LABELS:
        a, b = prediction == label, truth == label
        union, total = int((a | b).sum()), int(a.sum() + b.sum())
        out[label] = {
            "dice": None if total == 0 else 2 * int((a & b).sum()) / total,
            "iou": None if union == 0 else int((a & b).sum()) / union,
            "truthMl": int(b.sum()) * VOXEL_MM3 / 1000,
        }
    return out


cases = {"a": (label_map(1, 3), label_map(2, 3)), "b": (label_map(3, 2), label_map(4, 2))}
pooled = score(np.concatenate([p for p, _ in cases.values()]), np.concatenate([t for _, t in cases.values()]))
scored = {name: score(p, t) for name, (p, t) in cases.items()}
case_means = [np.mean([s["dice"] for s in case.values() if s["dice"] is not None]) for case in scored.values()]
json.dump(
    {"shape": SHAPE, "voxelMm3": VOXEL_MM3, "cases": scored, "pooled": pooled, "meanDice": float(np.mean(case_means))},
    __import__("sys").stdout,
    indent=1,
)
print()
