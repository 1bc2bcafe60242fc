"""Region growing in SimpleITK: the peer of `npm run bench -- grow`.

Reads one JSON command per line from stdin and answers each with one JSON line:
{"seed": [i, j, k], "low": number, "high": number} -> {"ms": number, "voxels": number}
Usage: grow_sitk.py IMAGE
The image is read before the first answer, so that only the growing is measured; it has one thread, as ours has.
"""

import json
import sys
import time

import SimpleITK as sitk

sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
image = sitk.ReadImage(sys.argv[1])
print(json.dumps({"size": image.GetSize()}), flush=True)
for line in sys.stdin:
    command = json.loads(line)
    began = time.perf_counter()
    grown = sitk.ConnectedThreshold(image, [command["seed"]], command["low"], command["high"], 1)
    ms = 1000 * (time.perf_counter() - began)
    print(json.dumps({"ms": ms, "voxels": int(sitk.GetArrayViewFromImage(grown).sum(dtype="int64"))}), flush=True)
