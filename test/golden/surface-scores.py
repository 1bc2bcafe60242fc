"""Golden values for test/core/metrics/surface-scores.test.ts and score-segmentation.test.ts.

    $VOXEL_LOOP_PYTHON test/golden/surface-scores.py > test/golden/surface-scores.json

Needs numpy, scipy, torch, monai, SimpleITK and connected-components-3d. Masks are stored as
runs: the lengths of alternating stretches of 0 and 1, beginning with 0, i fastest.

- MONAI: Hausdorff distance, its 95th percentile, average symmetric surface distance and
  surface Dice (all in float32), and nothing of ours.
- scipy: the same distances in double precision, as MONAI's definition reads (surface by binary
  erosion, distances by distance_transform_edt, percentiles by numpy).
- SimpleITK: Dice, Jaccard, volumes.
- connected-components-3d: number and sizes of components with 6, 18 and 26 neighbours.
- surface-distance (DeepMind): its HD95 and surface Dice, whose definitions differ (surface
  elements between voxels, weighted by area). Not compared; docs/reading-the-report.md quotes
  how far the two lie apart.
"""
import json
import sys
import warnings

import cc3d
import numpy as np
import SimpleITK as sitk
import surface_distance
import torch
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance, compute_surface_dice
from scipy.ndimage import binary_erosion, distance_transform_edt, gaussian_filter

warnings.simplefilter("ignore")
random = np.random.default_rng(20261123)


def blobs(shape, sigma, share):
    field = gaussian_filter(random.normal(size=shape), sigma)
    return field > np.quantile(field, 1 - share)


def balls(shape, spacing, placed):
    at = np.meshgrid(*[np.arange(n) * s for n, s in zip(shape, spacing)], indexing="ij")
    mask = np.zeros(shape, bool)
    for centre, radius in placed:
        mask |= sum((a - c) ** 2 for a, c in zip(at, centre)) <= radius**2
    return mask


def single(shape, *places):
    mask = np.zeros(shape, bool)
    for place in places:
        mask[place] = True
    return mask


def cases():
    yield "blobs", (1.0, 1.0, 1.0), blobs((20, 18, 16), 1.5, 0.3), blobs((20, 18, 16), 1.5, 0.3)
    for n, spacing in enumerate([(0.7, 0.7, 3.0), (2.5, 0.5, 1.1), (1.2, 3.4, 0.9)]):
        shape = (17 + n, 13 + 2 * n, 11 + n)
        truth = blobs(shape, 1.2, 0.2)
        prediction = truth ^ (blobs(shape, 1.0, 0.08) & (random.random(shape) < 0.7))
        yield f"anisotropic blobs {n}", spacing, prediction, truth
    spacing = (0.8, 0.8, 2.5)
    yield "two balls, one missed, one invented", spacing, *[
        balls((30, 30, 14), spacing, placed)
        for placed in ([((7, 7, 10), 5.0), ((18, 18, 28), 3.0)], [((8, 7, 11), 5.5), ((17, 5, 25), 2.0)])
    ]
    full = np.ones((6, 5, 4), bool)
    yield "touching every border", (1.0, 2.0, 3.0), full, single((6, 5, 4), (2, 2, 2), (0, 0, 0))
    yield "equal", (1.5, 1.0, 0.5), blobs((9, 9, 9), 1.0, 0.3), None
    yield "single voxels far apart", (0.9, 1.3, 4.0), single((12, 10, 8), (0, 0, 0)), single((12, 10, 8), (11, 9, 7))
    yield "plane", (1.0, 1.0, 5.0), balls((16, 16, 1), (1, 1, 5), [((6, 7, 0), 5)]), balls(
        (16, 16, 1), (1, 1, 5), [((8, 8, 0), 6)]
    )
    yield "only in the truth", (1.0, 1.0, 2.0), np.zeros((5, 5, 5), bool), single((5, 5, 5), (1, 2, 3))
    yield "only in the prediction", (1.0, 1.0, 2.0), single((5, 5, 5), (1, 2, 3)), np.zeros((5, 5, 5), bool)
    yield "in neither", (1.0, 1.0, 2.0), np.zeros((5, 5, 5), bool), np.zeros((5, 5, 5), bool)


def runs(mask):
    flat = mask.ravel(order="F").astype(int)
    edges = np.flatnonzero(np.diff(flat)) + 1
    lengths = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    return lengths if flat[0] == 0 else [0, *lengths]


def by_monai(prediction, truth, spacing, tolerances):
    p, t = (torch.from_numpy(m[None, None]) for m in (prediction, truth))
    both = {"include_background": True, "spacing": spacing}
    value = lambda tensor: float(tensor[0, 0])
    return {
        "hdMm": value(compute_hausdorff_distance(p, t, **both)),
        "hd95Mm": value(compute_hausdorff_distance(p, t, percentile=95, **both)),
        "meanSurfaceDistanceMm": value(compute_average_surface_distance(p, t, symmetric=True, **both)),
        "surfaceDice": [value(compute_surface_dice(p, t, [tolerance], **both)) for tolerance in tolerances],
    }


def by_scipy(prediction, truth, spacing):
    surfaces = [mask & ~binary_erosion(mask) for mask in (prediction, truth)]
    forth = distance_transform_edt(~surfaces[1], sampling=spacing)[surfaces[0]]
    back = distance_transform_edt(~surfaces[0], sampling=spacing)[surfaces[1]]
    return {
        "hdMm": max(forth.max(), back.max()),
        "hd95Mm": max(np.percentile(forth, 95), np.percentile(back, 95)),
        "meanSurfaceDistanceMm": np.concatenate([forth, back]).mean(),
    }


def by_simpleitk(prediction, truth, spacing):
    images = []
    for mask in (truth, prediction):
        image = sitk.GetImageFromArray(mask.transpose(2, 1, 0).astype(np.uint8))
        image.SetSpacing(spacing)
        images.append(image)
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*images)
    volumes = []
    for image in images:
        shape = sitk.LabelShapeStatisticsImageFilter()
        shape.Execute(image)
        volumes.append(shape.GetPhysicalSize(1) / 1000)
    return {
        "dice": overlap.GetDiceCoefficient(1),
        "iou": overlap.GetJaccardCoefficient(1),
        "truthMl": volumes[0],
        "predictionMl": volumes[1],
    }


def by_deepmind(prediction, truth, spacing):
    distances = surface_distance.compute_surface_distances(truth, prediction, spacing)
    return {
        "hd95Mm": float(surface_distance.compute_robust_hausdorff(distances, 95)),
        "surfaceDice": float(surface_distance.compute_surface_dice_at_tolerance(distances, 1.0)),
    }


def components(mask):
    out = {}
    for connectivity in (6, 18, 26):
        ids = cc3d.connected_components(np.asfortranarray(mask), connectivity=connectivity)
        out[connectivity] = sorted(np.bincount(ids.ravel())[1:].tolist(), reverse=True)
    return out


def json_number(value):
    if isinstance(value, list):
        return [json_number(each) for each in value]
    if np.isnan(value):
        return "nan"
    return "inf" if np.isinf(value) else float(value)


found = []
TOLERANCES = [1.0, 2.05]
for name, spacing, prediction, truth in cases():
    truth = prediction.copy() if truth is None else truth
    case = {
        "name": name,
        "shape": list(prediction.shape),
        "spacingMm": list(spacing),
        "prediction": runs(prediction),
        "truth": runs(truth),
        "monai": {key: json_number(v) for key, v in by_monai(prediction, truth, spacing, TOLERANCES).items()},
    }
    if prediction.any() and truth.any():
        case["scipy"] = {key: float(v) for key, v in by_scipy(prediction, truth, spacing).items()}
        case["simpleitk"] = by_simpleitk(prediction, truth, spacing)
        case["deepmind"] = by_deepmind(prediction, truth, spacing)
    case["components"] = components(truth)
    found.append(case)
json.dump({"tolerancesMm": TOLERANCES, "cases": found}, sys.stdout)
print()
