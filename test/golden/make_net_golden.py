"""Writes net.json: what PyTorch computes for small U-Nets (made with PyTorch 2.13.0, CPU).

For each network: its weights at the start, an image, a target (class indices, -1 = ignored), the probabilities of the untrained
network, the losses of ten steps of an optimizer on that batch, and the length of all weights together after them.
Run: $VOXEL_LOOP_PYTHON test/golden/make_net_golden.py test/golden
"""

import base64
import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

STEPS = 10


class UNet(nn.Module):
    """Submodules are named as core/net names its parameters, so that the state dict needs no translation."""

    def __init__(self, description):
        super().__init__()
        self.levels = levels = description["levels"]
        self.strided = description.get("downsampling") == "strided-convolution"
        limit = description.get("maxFilters", float("inf"))
        widths = [min(description["baseFilters"] * 2**level, limit) for level in range(levels + 1)]
        inputs = description["inChannels"]
        for level in range(levels + 1):
            stride = 2 if self.strided and level > 0 else 1
            name = f"down{level}" if level < levels else "bottom"
            self.add_module(name, Block(description, inputs, widths[level], stride))
            inputs = widths[level]
        for level in reversed(range(levels)):
            self.add_module(f"up{level}", Up(description, widths[level + 1], widths[level]))
        self.head = nn.Conv2d(widths[0], description["classes"], 1)

    def forward(self, x):
        skips = []
        for level in range(self.levels):
            x = self.get_submodule(f"down{level}")(x)
            skips.append(x)
            if not self.strided:
                x = functional.max_pool2d(x, 2)
        x = self.bottom(x)
        for level in reversed(range(self.levels)):
            x = self.get_submodule(f"up{level}")(x, skips[level])
        return self.head(x)


class ConvNorm(nn.Conv2d):
    def __init__(self, inputs, outputs, instance_norm, kernel=3, stride=1):
        super().__init__(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=not instance_norm)
        if instance_norm:
            self.norm = nn.InstanceNorm2d(outputs, affine=True)

    def forward(self, x):
        x = super().forward(x)
        return self.norm(x) if hasattr(self, "norm") else x


class Block(nn.Module):
    def __init__(self, description, inputs, outputs, stride=1):
        super().__init__()
        self.slope = {"relu": 0.0, "leaky-relu": 0.01}[description["activation"]]
        self.residual = description.get("residual", False)
        norm = description["normalisation"] == "instance"
        self.conv0 = ConvNorm(inputs, outputs, norm, stride=stride)
        self.conv1 = ConvNorm(outputs, outputs, norm)
        if self.residual and (inputs != outputs or stride != 1):
            self.shortcut = ConvNorm(inputs, outputs, norm, kernel=1, stride=stride)

    def forward(self, x):
        y = self.conv1(functional.leaky_relu(self.conv0(x), self.slope))
        if self.residual:
            y = y + (self.shortcut(x) if hasattr(self, "shortcut") else x)
        return functional.leaky_relu(y, self.slope)


class Up(Block):
    def __init__(self, description, inputs, outputs):
        super().__init__(description, 2 * outputs, outputs)
        kernel = description["upsamplingKernel"]
        same = {2: {}, 3: {"padding": 1, "output_padding": 1}}[kernel]
        self.transposed = nn.ConvTranspose2d(inputs, outputs, kernel, stride=2, **same)

    def forward(self, x, skip):
        return super().forward(torch.cat([skip, self.transposed(x)], 1))


def overlaps(logits, target):
    counted = target >= 0
    one_hot = functional.one_hot(target.clamp(min=0), logits.shape[1]).permute(0, 3, 1, 2) * counted[:, None]
    probabilities = torch.softmax(logits, 1)
    axes = (0, 2, 3)
    intersection = (probabilities * one_hot).sum(axes)[1:]
    predicted = (probabilities * counted[:, None]).sum(axes)[1:]
    return intersection, predicted, one_hot.sum(axes)[1:].float()


def soft_dice(logits, target):
    intersection, predicted, actual = overlaps(logits, target)
    return (1 - (2 * intersection + 1) / (predicted + actual + 1)).mean()


def dice_and_cross_entropy(logits, target):
    intersection, predicted, actual = overlaps(logits, target)
    occurs = actual > 0
    dice = (1 - (2 * intersection + 1) / (predicted + actual + 1))[occurs].mean() if occurs.any() else 0
    return dice + functional.cross_entropy(logits, target, ignore_index=-1)


def focal_tversky(logits, target):
    intersection, predicted, actual = overlaps(logits, target)
    missed, excess = actual - intersection, predicted - intersection
    return ((1 - (intersection + 1) / (intersection + 0.7 * missed + 0.3 * excess + 1)) ** 0.75).mean()


LOSSES = {"soft-dice": soft_dice, "dice-ce": dice_and_cross_entropy, "focal-tversky": focal_tversky}


def make_optimizer(description, network):
    if description["kind"] == "adam":
        return torch.optim.Adam(network.parameters())
    if description["kind"] == "sgd":
        return torch.optim.SGD(network.parameters(), momentum=description["momentum"], nesterov=True)
    # Only kernels decay: not biases, nor what follows a normalisation.
    kernels = [parameter for parameter in network.parameters() if parameter.dim() > 1]
    others = [parameter for parameter in network.parameters() if parameter.dim() == 1]
    groups = [{"params": kernels}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, weight_decay=description["weightDecay"])


def blobs(batch, size, classes):
    """Discs of every foreground class on background: an image that can be learned."""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    target = torch.zeros(batch, size, size, dtype=torch.long)
    for i in range(batch):
        for label in range(1, classes):
            cy, cx = torch.rand(2) * size
            target[i][(y - cy) ** 2 + (x - cx) ** 2 < (size / 4) ** 2] = label
    return target


def encode(tensor):
    data = tensor.detach().to(torch.float32).contiguous().numpy().astype("<f4").tobytes()
    return {"shape": list(tensor.shape), "float32": base64.b64encode(data).decode()}


def golden(seed, description, loss, ignored_rows, optimizer=None, clip=None, rate=1e-3, size=32, batch=2):
    torch.manual_seed(seed)
    optimizer = optimizer or {"kind": "adam"}
    network = UNet(description)
    for name, parameter in network.named_parameters():
        if parameter.dim() == 4:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        elif not name.endswith("norm.weight"):
            nn.init.normal_(parameter, 0, 0.05)
    target = blobs(batch, size, description["classes"])
    image = target[:, None].float() + 0.5 * torch.randn(batch, description["inChannels"], size, size)
    target[:, :ignored_rows] = -1
    weights = {name: encode(parameter) for name, parameter in network.named_parameters()}
    probabilities = encode(torch.softmax(network(image), 1))
    made = make_optimizer(optimizer, network)
    for group in made.param_groups:
        group["lr"] = rate
    losses = []
    for _ in range(STEPS):
        value = LOSSES[loss](network(image), target)
        losses.append(value.item())
        made.zero_grad()
        value.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(network.parameters(), clip)
        made.step()
    trained = torch.cat([parameter.flatten() for parameter in network.parameters()])
    return {
        "description": {"kind": "unet", "spaceAxes": 2, "convolutionsPerLevel": 2, **description},
        "loss": loss,
        "optimizer": optimizer,
        **({} if clip is None else {"gradientClip": clip}),
        "learningRate": rate,
        "weights": weights,
        "image": encode(image),
        "target": encode(target),
        "probabilities": probabilities,
        "losses": losses,
        "trainedLength": trained.norm().item(),
    }


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    seed = {
        "inChannels": 1,
        "classes": 2,
        "baseFilters": 2,
        "levels": 4,
        "normalisation": "none",
        "activation": "relu",
        "upsamplingKernel": 3,
    }
    planned = {
        "inChannels": 3,
        "classes": 3,
        "baseFilters": 4,
        "levels": 2,
        "normalisation": "instance",
        "activation": "leaky-relu",
        "upsamplingKernel": 2,
    }
    residual = {
        "inChannels": 2,
        "classes": 3,
        "baseFilters": 3,
        "maxFilters": 5,
        "levels": 3,
        "normalisation": "instance",
        "activation": "leaky-relu",
        "upsamplingKernel": 2,
        "downsampling": "strided-convolution",
        "residual": True,
    }
    plain_residual = {
        "inChannels": 3,
        "classes": 2,
        "baseFilters": 3,
        "levels": 1,
        "normalisation": "none",
        "activation": "relu",
        "upsamplingKernel": 3,
        "residual": True,
    }
    cases = {
        "seed, soft Dice": golden(1, seed, "soft-dice", ignored_rows=0),
        "three classes, instance norm, Dice and cross-entropy, ignored rows": golden(2, planned, "dice-ce", ignored_rows=8),
        "residual levels, strided convolutions, capped filters, AdamW": golden(
            3, residual, "dice-ce", ignored_rows=4, optimizer={"kind": "adamw", "weightDecay": 0.5}, rate=3e-3
        ),
        "residual levels without normalisation, focal Tversky, SGD, clipped": golden(
            4, plain_residual, "focal-tversky", ignored_rows=4, optimizer={"kind": "sgd", "momentum": 0.9}, clip=0.2, rate=0.02
        ),
    }
    path = Path(sys.argv[1]) / "net.json"
    path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}) + "\n")


main()
