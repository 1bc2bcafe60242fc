"""Writes nrrd.json and meta.json: small files of both formats (base64), with the voxels and the affine to RAS that SimpleITK
reads from them. Every type, byte order, encoding, orientation and way to keep the voxels in other files has one.

Needs SimpleITK and numpy. Run: python3 volume_formats.py
"""

import base64
import gzip
import json
import pathlib
import tempfile
import zlib

import numpy as np
import SimpleITK as sitk

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(12)
SHAPE = (4, 3, 2)
TYPES = {
    "int8": ("i1", "signed char", "MET_CHAR"),
    "uint8": ("u1", "unsigned char", "MET_UCHAR"),
    "int16": ("i2", "short", "MET_SHORT"),
    "uint16": ("u2", "unsigned short", "MET_USHORT"),
    "int32": ("i4", "int", "MET_INT"),
    "uint32": ("u4", "unsigned int", "MET_UINT"),
    "int64": ("i8", "long long", "MET_LONG_LONG"),
    "uint64": ("u8", "unsigned long long", "MET_ULONG_LONG"),
    "float32": ("f4", "float", "MET_FLOAT"),
    "float64": ("f8", "double", "MET_DOUBLE"),
}


def voxels(kind, count):
    """Random values of a type, with its extremes; the first axis of the file is the fastest."""
    if kind[0] == "f":
        return RANDOM.normal(scale=100, size=count).astype(kind)
    info = np.iinfo(kind)
    values = RANDOM.integers(info.min, info.max, size=count, dtype=kind, endpoint=True)
    values[:2] = [info.min, info.max]
    return values


def rotation():
    """A random rotation, turned into a reflection half of the time."""
    matrix, _ = np.linalg.qr(RANDOM.normal(size=(3, 3)))
    return matrix


def oriented(space_signs=(1, 1, 1)):
    directions = (rotation() * RANDOM.uniform(0.4, 4, 3)).T * space_signs
    return directions, RANDOM.normal(scale=80, size=3)


def vector(numbers):
    return "(" + ",".join(repr(float(number)) for number in numbers) + ")"


def read(folder, name):
    """What SimpleITK makes of a file: values volume by volume, and where the first three axes lie in RAS."""
    image = sitk.ReadImage(str(folder / name))
    array = sitk.GetArrayFromImage(image)
    components = image.GetNumberOfComponentsPerPixel()
    volumes = [array] if components == 1 else [array[..., n] for n in range(components)]
    if np.iscomplexobj(array):
        volumes = [np.abs(array.astype(np.complex128))]
    if array.dtype == np.uint8 and components in (3, 4) and "list" not in name:
        red, green, blue = (array[..., n].astype(np.float64) for n in range(3))
        volumes = [0.299 * red + 0.587 * green + 0.114 * blue]
    dimension = image.GetDimension()
    spatial = min(3, dimension)
    linear, origin = np.eye(3), np.zeros(3)
    direction = np.array(image.GetDirection()).reshape(dimension, dimension) * np.array(image.GetSpacing())
    linear[:spatial, :spatial] = direction[:spatial, :spatial]
    origin[:spatial] = image.GetOrigin()[:spatial]
    to_ras = np.diag([-1.0, -1.0, 1.0])
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = to_ras @ linear, to_ras @ origin
    return {
        "size": list(image.GetSize()) + ([components] if len(volumes) > 1 else []),
        "affine": affine.ravel().tolist(),
        "values": [float(value) for volume in volumes for value in np.asarray(volume).ravel()],
    }


class Cases:
    def __init__(self, folder):
        self.folder = folder
        self.cases = []

    def add(self, name, files, **about):
        """`files`: bytes by name, the header's first. What SimpleITK does not read is given in `about`."""
        for file, content in files.items():
            (self.folder / file).parent.mkdir(exist_ok=True)
            (self.folder / file).write_bytes(content)
        first = next(iter(files))
        expected = about.pop("expected", None) or read(self.folder, first)
        encoded = {file: base64.b64encode(content).decode() for file, content in files.items()}
        self.cases.append({"name": name, "files": encoded, **about, **expected})

    def save(self, path):
        head = json.dumps({"SimpleITK": sitk.Version.VersionString()})[:-1]
        rows = ",\n".join(json.dumps(case) for case in self.cases)
        path.write_text(f'{head}, "cases": [\n{rows}\n]}}\n')


def nrrd(lines, content=b"", version=4):
    return f"NRRD000{version}\n".encode() + "".join(f"{line}\n" for line in lines).encode() + b"\n" + content


def nrrd_lines(type_name, sizes, encoding="raw", space="left-posterior-superior", place=None, endian="little", kinds=None):
    directions, origin = place or oriented()
    return [
        "# Complete NRRD file format specification at:",
        f"type: {type_name}",
        f"dimension: {len(sizes)}",
        f"space: {space}",
        f"sizes: {' '.join(map(str, sizes))}",
        "space directions: " + " ".join("none" if step is None else vector(step) for step in directions),
        *([f"kinds: {' '.join(kinds)}"] if kinds else []),
        f"endian: {endian}",
        f"encoding: {encoding}",
        f"space origin: {vector(origin)}",
    ]


def make_nrrd(folder):
    cases = Cases(folder)
    for name, (kind, type_name, _) in TYPES.items():
        values = voxels(kind, 24)
        for endian, order in (("little", "<"), ("big", ">")):
            raw = values.astype(order + kind).tobytes()
            lines = nrrd_lines(type_name, SHAPE, endian=endian)
            cases.add(f"{name}, {endian}-endian, raw", {f"{name}-{endian}.nrrd": nrrd(lines, raw)}, datatype=name)
            lines = nrrd_lines(type_name, SHAPE, "gzip", endian=endian)
            packed = {f"{name}-{endian}-gz.nrrd": nrrd(lines, gzip.compress(raw, mtime=0))}
            cases.add(f"{name}, {endian}-endian, gzip", packed, datatype=name)

    shorts = voxels("i2", 24).astype("<i2").tobytes()
    for space, signs in (
        ("right-anterior-superior", (-1, -1, 1)),
        ("RAS", (-1, -1, 1)),
        ("left-anterior-superior", (1, -1, 1)),
        ("LAS", (1, -1, 1)),
        ("LPS", (1, 1, 1)),
    ):
        for turn in range(2):
            lines = nrrd_lines("short", SHAPE, space=space, place=oriented(signs))
            cases.add(f"{space}, turned {turn}", {f"{space}-{turn}.nrrd": nrrd(lines, shorts)}, datatype="int16")
    for turn in range(6):
        axes = np.eye(3)[RANDOM.permutation(3)] * RANDOM.choice([-1, 1], 3)[:, None] * RANDOM.uniform(0.5, 3, 3)[:, None]
        lines = nrrd_lines("short", SHAPE, place=(axes, RANDOM.normal(scale=50, size=3)))
        cases.add(f"axes in another order {turn}", {f"axes-{turn}.nrrd": nrrd(lines, shorts)}, datatype="int16")

    plain = ["type: short", "dimension: 3", "sizes: 4 3 2", "endian: little", "encoding: raw"]
    unoriented = {"datatype": "int16", "oriented": False}
    cases.add("spacings alone", {"spacings.nrrd": nrrd([*plain, "spacings: 0.5 2 3.25"], shorts)}, **unoriented)
    cases.add("no geometry at all", {"bare.nrrd": nrrd(plain, shorts, 1)}, **unoriented)
    place = oriented()
    lines = [line.replace("space: left-posterior-superior", "space dimension: 3") for line in nrrd_lines("short", SHAPE, place=place)]
    cases.add("a space without a name", {"space3.nrrd": nrrd(lines, shorts)}, **unoriented)
    written = sitk.GetImageFromArray(voxels("i2", 24).reshape(2, 3, 4))
    written.SetSpacing((0.7, 0.8, 5.0))
    written.SetOrigin((-10.5, 20.25, 30.0))
    for compressed in (False, True):
        path = folder / f"sitk-{compressed}.nrrd"
        sitk.WriteImage(written, str(path), compressed)
        cases.add(f"written by SimpleITK, compressed {compressed}", {path.name: path.read_bytes()}, datatype="int16")

    # Several values in each voxel, and several volumes.
    colours = voxels("u1", 72).tobytes()
    three = [None, *oriented()[0]]
    origin = RANDOM.normal(scale=30, size=3)
    space = ["domain"] * 3
    for kind in ("RGB-color", "vector"):
        lines = nrrd_lines("uchar", (3, *SHAPE), place=(three, origin), kinds=[kind, *space])
        cases.add(f"colours, kind {kind}", {f"{kind}.nrrd": nrrd(lines, colours)}, datatype="RGB")
    lines = nrrd_lines("uchar", (4, *SHAPE), place=(three, origin), kinds=["RGBA-color", *space])
    cases.add("colours with opacity", {"rgba.nrrd": nrrd(lines, voxels("u1", 96).tobytes())}, datatype="RGBA")
    lines = nrrd_lines("uchar", (3, *SHAPE), place=(three, origin), kinds=["list", *space])
    cases.add("a list of bytes is no colour", {"list.nrrd": nrrd(lines, colours)}, datatype="uint8")
    for endian, order in (("little", "<"), ("big", ">")):
        vectors = voxels("i2", 120).astype(order + "i2").tobytes()
        lines = nrrd_lines("short", (5, *SHAPE), place=(three, origin), kinds=["vector", *space], endian=endian)
        cases.add(f"vectors, {endian}-endian", {f"vector-{endian}.nrrd": nrrd(lines, vectors)}, datatype="int16")
        lines = nrrd_lines("short", (5, *SHAPE), "gzip", place=(three, origin), kinds=["list", *space], endian=endian)
        packed = {f"list-{endian}.nrrd": nrrd(lines, gzip.compress(vectors, mtime=0))}
        cases.add(f"a list of volumes, packed, {endian}-endian", packed, datatype="int16")
    for kind, type_name, datatype in (("f4", "float", "complex64"), ("f8", "double", "complex128")):
        lines = nrrd_lines(type_name, (2, *SHAPE), place=(three, origin), kinds=["complex", *space])
        cases.add(datatype, {f"{datatype}.nrrd": nrrd(lines, voxels(kind, 48).astype("<" + kind).tobytes())}, datatype=datatype)
    times = voxels("i2", 72)
    lines = nrrd_lines("short", SHAPE)
    alone = read_bytes(folder, nrrd(lines, times[:24].astype("<i2").tobytes()))
    series = [line.replace("dimension: 3", "dimension: 4").replace("sizes: 4 3 2", "sizes: 4 3 2 3") for line in lines]
    series = [line + " none" if line.startswith("space directions") else line for line in series]
    expected = {**alone, "size": [4, 3, 2, 3], "values": [float(value) for value in times]}
    for kinds in ([], ["kinds: domain domain domain list"], ["kinds: domain domain domain time"]):
        files = {f"series{len(cases.cases)}.nrrd": nrrd([*series, *kinds], times.astype("<i2").tobytes())}
        # SimpleITK makes one volume of vectors of it; the values are the same.
        cases.add(f"volumes one after the other, {kinds}", files, datatype="int16", expected=expected)

    flat = ["type: short", "dimension: 2", "sizes: 6 4", "endian: little", "encoding: raw"]
    cases.add("a single slice", {"slice.nrrd": nrrd([*flat, "spacings: 0.5 0.25"], shorts)}, **unoriented)

    # Voxels in other files.
    def detached(extra, encoding="raw", sizes=SHAPE):
        return nrrd([*nrrd_lines("short", sizes, encoding), *extra])

    about = {"datatype": "int16"}
    cases.add("detached", {"d1.nhdr": detached(["data file: d1.raw"]), "d1.raw": shorts}, **about)
    cases.add("detached, packed", {"d2.nhdr": detached(["data file: d2.raw.gz"], "gzip"), "d2.raw.gz": gzip.compress(shorts, mtime=0)}, **about)
    cases.add("detached, in a folder", {"d3.nhdr": detached(["datafile: below/d3.raw"]), "below/d3.raw": shorts}, **about)
    cases.add("detached, behind other bytes", {"d4.nhdr": detached(["byte skip: 7", "data file: d4.raw"]), "d4.raw": b"1234567" + shorts}, **about)
    cases.add("detached, at the end", {"d5.nhdr": detached(["byte skip: -1", "data file: d5.raw"]), "d5.raw": b"abc" + shorts}, **about)
    slices = {f"s{n:02d}.raw": shorts[24 * n : 24 * n + 24] for n in range(2)}
    cases.add("a file for each slice, listed", {"d6.nhdr": detached(["data file: LIST", "s00.raw", "s01.raw"])[:-1], **slices}, **about)
    cases.add("a file for each slice, numbered", {"d7.nhdr": detached(["data file: s%02d.raw 0 1 1"]), **slices}, **about)

    make_segmentations(cases)
    # Nothing random from here on, so that what is made after it stays the same. SimpleITK refuses spacings beside a space.
    for space in ("RAS", "LAS", "LPS"):
        lines = [*plain, f"space: {space}", "space origin: (1.5,-2,3.25)"]
        cases.add(f"an origin in {space}, and no directions", {f"origin-{space}.nrrd": nrrd(lines, shorts)}, **unoriented)
    place = (np.array([[0, 2, 0], [0, 0, 3], [4, 0, 0]]), (1, -2, 3))
    downwards = nrrd([*nrrd_lines("short", SHAPE, place=place), "data file: s%02d.raw 1 0 -1"])
    cases.add("a file for each slice, numbered downwards", {"d8.nhdr": downwards, **slices}, **about)
    cases.save(HERE / "nrrd.json")


def read_bytes(folder, content):
    (folder / "alone.nrrd").write_bytes(content)
    return read(folder, "alone.nrrd")


def make_segmentations(cases):
    """As 3D Slicer 5 writes them."""
    labels = np.array([0, 0, 1, 1, 2, 2, 5, 5] * 3, dtype="u1").tobytes()
    pairs = [
        "Segment0_Color:=0.501961 0.682353 0.501961",
        "Segment0_ID:=Segment_1",
        "Segment0_LabelValue:=1",
        "Segment0_Layer:=0",
        "Segment0_Name:=liver",
        "Segment1_Color:=0.945098 0.839216 0.568627",
        "Segment1_ID:=Segment_2",
        "Segment1_LabelValue:=5",
        "Segment1_Layer:=0",
        "Segment1_Name:=Lebervene é",
        "Segmentation_MasterRepresentation:=Binary labelmap",
    ]
    lines = nrrd_lines("unsigned char", SHAPE, "gzip", kinds=["domain"] * 3)
    cases.add("a segmentation", {"one.seg.nrrd": nrrd([*lines, *pairs], gzip.compress(labels, mtime=0))}, datatype="uint8", segments=1)
    directions, origin = oriented()
    lines = nrrd_lines("unsigned char", (2, *SHAPE), "gzip", place=([None, *directions], origin), kinds=["list", *["domain"] * 3])
    two = [pair.replace("Segment1_Layer:=0", "Segment1_Layer:=1") for pair in pairs]
    cases.add("segments that overlap", {"list.seg.nrrd": nrrd([*lines, *two], gzip.compress(labels * 2, mtime=0))}, datatype="uint8", segments=2)


def meta(lines, content=b"", data_file="LOCAL"):
    return "".join(f"{line}\n" for line in [*lines, f"ElementDataFile = {data_file}"]).encode() + content


def meta_lines(type_name, sizes, place=None, extra=()):
    directions, origin = place or oriented()
    spacing = np.linalg.norm(directions, axis=1)
    matrix = np.eye(len(sizes))
    matrix[:3, :3] = directions / spacing[:, None]
    pad = len(sizes) - 3
    return [
        "ObjectType = Image",
        f"NDims = {len(sizes)}",
        "BinaryData = True",
        "TransformMatrix = " + " ".join(repr(float(n)) for n in matrix.ravel()),
        "Offset = " + " ".join(repr(float(n)) for n in [*origin, *[0] * pad]),
        "CenterOfRotation = " + " ".join(["0"] * len(sizes)),
        "AnatomicalOrientation = RAI",
        "ElementSpacing = " + " ".join(repr(float(n)) for n in [*spacing, *[1] * pad]),
        f"DimSize = {' '.join(map(str, sizes))}",
        *extra,
        f"ElementType = {type_name}",
    ]


def make_meta(folder):
    cases = Cases(folder)
    for name, (kind, _, type_name) in TYPES.items():
        values = voxels(kind, 24)
        for endian, order in (("little", "<"), ("big", ">")):
            raw = values.astype(order + kind).tobytes()
            msb = [f"ElementByteOrderMSB = {endian == 'big'}"]
            cases.add(f"{name}, {endian}-endian, raw", {f"{name}-{endian}.mha": meta(meta_lines(type_name, SHAPE, extra=msb), raw)}, datatype=name)
            packed = zlib.compress(raw)
            extra = [*msb, "CompressedData = True", f"CompressedDataSize = {len(packed)}"]
            cases.add(f"{name}, {endian}-endian, zlib", {f"{name}-{endian}-z.mha": meta(meta_lines(type_name, SHAPE, extra=extra), packed)}, datatype=name)
    about = {"datatype": "int16"}
    shorts = voxels("i2", 24).astype("<i2").tobytes()
    for turn in range(6):
        axes = np.eye(3)[RANDOM.permutation(3)] * RANDOM.choice([-1, 1], 3)[:, None] * RANDOM.uniform(0.5, 3, 3)[:, None]
        lines = meta_lines("MET_SHORT", SHAPE, (axes, RANDOM.normal(scale=50, size=3)))
        cases.add(f"axes in another order {turn}", {f"axes-{turn}.mha": meta(lines, shorts)}, **about)
    msb = [line.replace("BinaryData = True", "BinaryData = True\nBinaryDataByteOrderMSB = True") for line in meta_lines("MET_SHORT", SHAPE)]
    cases.add("the older name of the byte order", {"older.mha": meta(msb, voxels("i2", 24).astype(">i2").tobytes())}, **about)
    bare = ["NDims = 3", "DimSize = 4 3 2", "ElementType = MET_SHORT"]
    unoriented = {**about, "oriented": False}
    cases.add("no geometry at all", {"bare.mha": meta(bare, shorts)}, **unoriented)
    cases.add("spacing alone", {"spacing.mha": meta([*bare[:2], "ElementSpacing = 0.5 2 3.25", bare[2]], shorts)}, **unoriented)
    cases.add("size for spacing", {"size.mha": meta([*bare[:2], "ElementSize = 0.5 2 3.25", bare[2]], shorts)}, **unoriented)
    cases.add("position for offset", {"position.mha": meta([*bare[:2], "Position = 5 -2 3.25", bare[2]], shorts)}, **unoriented)
    flat = ["ObjectType = Image", "NDims = 2", "DimSize = 6 4", "ElementSpacing = 0.5 0.25", "ElementType = MET_SHORT"]
    cases.add("a single slice", {"slice.mha": meta(flat, shorts)}, **unoriented)
    slope = [*meta_lines("MET_SHORT", SHAPE)[:-1], "ElementToIntensityFunctionSlope = 2", "ElementToIntensityFunctionOffset = 5", "ElementType = MET_SHORT"]
    cases.add("a function to intensities is not applied, as in ITK", {"slope.mha": meta(slope, shorts)}, **about)
    windows = meta(meta_lines("MET_SHORT", SHAPE)).replace(b"\n", b"\r\n")
    cases.add("line ends of Windows", {"windows.mha": windows + shorts}, **about)
    written = sitk.GetImageFromArray(voxels("i2", 24).reshape(2, 3, 4))
    written.SetSpacing((0.7, 0.8, 5.0))
    written.SetOrigin((-10.5, 20.25, 30.0))
    for compressed in (False, True):
        path = folder / f"sitk-{compressed}.mha"
        sitk.WriteImage(written, str(path), compressed)
        cases.add(f"written by SimpleITK, compressed {compressed}", {path.name: path.read_bytes()}, **about)
        path = folder / f"sitk-{compressed}.mhd"
        sitk.WriteImage(written, str(path), compressed)
        data = path.with_suffix(".zraw" if compressed else ".raw")
        cases.add(f"written by SimpleITK, detached, compressed {compressed}", {path.name: path.read_bytes(), data.name: data.read_bytes()}, **about)

    def channels(count):
        return [f"ElementNumberOfChannels = {count}"]

    cases.add("colours", {"rgb.mha": meta(meta_lines("MET_UCHAR", SHAPE, extra=channels(3)), voxels("u1", 72).tobytes())}, datatype="RGB")
    cases.add("colours with opacity", {"rgba.mha": meta(meta_lines("MET_UCHAR", SHAPE, extra=channels(4)), voxels("u1", 96).tobytes())}, datatype="RGBA")
    vectors = voxels("i2", 120)
    cases.add("vectors", {"vector.mha": meta(meta_lines("MET_SHORT", SHAPE, extra=channels(5)), vectors.astype("<i2").tobytes())}, **about)
    packed = zlib.compress(vectors.astype(">i2").tobytes())
    extra = [*channels(5), "ElementByteOrderMSB = True", "CompressedData = True", f"CompressedDataSize = {len(packed)}"]
    cases.add("vectors, big-endian, packed", {"vector-z.mha": meta(meta_lines("MET_SHORT", SHAPE, extra=extra), packed)}, **about)
    series = meta_lines("MET_SHORT", (*SHAPE, 3))
    cases.add("volumes one after the other", {"series.mha": meta(series, voxels("i2", 72).astype("<i2").tobytes())}, **about)

    lines = meta_lines("MET_SHORT", SHAPE)
    cases.add("detached", {"d1.mhd": meta(lines, data_file="d1.raw"), "d1.raw": shorts}, **about)
    cases.add("detached, in a folder", {"d2.mhd": meta(lines, data_file="below/d2.raw"), "below/d2.raw": shorts}, **about)
    for skip in (7, -1):
        skipping = [*lines[:-1], f"HeaderSize = {skip}", lines[-1]]
        cases.add(f"detached, header size {skip}", {f"d3{skip}.mhd": meta(skipping, data_file=f"d3{skip}.raw"), f"d3{skip}.raw": b"1234567" + shorts}, **about)
    slices = {f"s{n:02d}.raw": shorts[24 * n : 24 * n + 24] for n in range(2)}
    cases.add("a file for each slice, listed", {"d4.mhd": meta(lines, b"s00.raw\ns01.raw\n", "LIST"), **slices}, **about)
    cases.add("a file for each slice, numbered", {"d5.mhd": meta(lines, data_file="s%02d.raw 0 1 1"), **slices}, **about)
    packed = gzip.compress(shorts, mtime=0)
    extra = [*lines[:-1], "CompressedData = True", f"CompressedDataSize = {len(packed)}", lines[-1]]
    cases.add("detached, packed by gzip", {"d6.mhd": meta(extra, data_file="d6.zraw"), "d6.zraw": packed}, **about)
    cases.save(HERE / "meta.json")


def main():
    with tempfile.TemporaryDirectory() as folder:
        make_nrrd(pathlib.Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        make_meta(pathlib.Path(folder))


main()
