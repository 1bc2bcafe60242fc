"""Writes net.json: what PyTorch computes for two small U-Nets (made with PyTorch 2.13.0, CPU).

For each network: its weights at the start, an image, a target (class indices, -1 = ignored), the probabilities of the untrained
network, and the losses of ten Adam steps on that batch.
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
LEARNING_RATE = 1e-3


class UNet(nn.Module):
    """Submodules are named as core/net names its parameters, so that the state dict needs no translation."""

    def __init__(self, channels, classes, filters, levels, instance_norm, slope, kernel):
        super().__init__()
        self.levels = levels
        widths = [filters * 2**level for level in range(levels + 1)]
        inputs = channels
        for level in range(levels):
            self.add_module(f"down{level}", Block(inputs, widths[level], instance_norm, slope))
            inputs = widths[level]
        self.bottom = Block(inputs, widths[levels], instance_norm, slope)
        for level in reversed(range(levels)):
            self.add_module(f"up{level}", Up(widths[level + 1], widths[level], instance_norm, slope, kernel))
        self.head = nn.Conv2d(filters, classes, 1)

    def forward(self, x):
        skips = []
        for level in range(self.levels):
            x = self.get_submodule(f"down{level}")(x)
            skips.append(x)
            x = functional.max_pool2d(x, 2)
        x = self.bottom(x)
        for level in reversed(range(self.levels)):
            x = self.get_submodule(f"up{level}")(x, skips[level])
        return self.head(x)


class ConvNorm(nn.Conv2d):
    def __init__(self, inputs, outputs, instance_norm):
        super().__init__(inputs, outputs, 3, padding=1, bias=not instance_norm)
        if instance_norm:
            self.norm = nn.InstanceNorm2d(outputs, affine=True)

    def forward(self, x):
        x = super().forward(x)
        return self.norm(x) if hasattr(self, "norm") else x


class Block(nn.Module):
    def __init__(self, inputs, outputs, instance_norm, slope):
        super().__init__()
        self.slope = slope
        self.conv0 = ConvNorm(inputs, outputs, instance_norm)
        self.conv1 = ConvNorm(outputs, outputs, instance_norm)

    def forward(self, x):
        for layer in (self.conv0, self.conv1):
            x = functional.leaky_relu(layer(x), self.slope)
        return x


class Up(Block):
    def __init__(self, inputs, outputs, instance_norm, slope, kernel):
        super().__init__(2 * outputs, outputs, instance_norm, slope)
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


def golden(seed, description, loss, deviation, ignored_rows, size=32, batch=2):
    torch.manual_seed(seed)
    leaky = {"relu": 0.0, "leaky-relu": 0.01}[description["activation"]]
    network = UNet(
        description["inChannels"],
        description["classes"],
        description["baseFilters"],
        description["levels"],
        description["normalisation"] == "instance",
        leaky,
        description["upsamplingKernel"],
    )
    for name, parameter in network.named_parameters():
        if parameter.dim() == 4 and deviation is not None:
            nn.init.normal_(parameter, 0, deviation)
        elif parameter.dim() == 4:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        elif not name.endswith("norm.weight"):
            nn.init.normal_(parameter, 0, 0.05)
    target = blobs(batch, size, description["classes"])
    image = target[:, None].float() + 0.5 * torch.randn(batch, description["inChannels"], size, size)
    target[:, :ignored_rows] = -1
    weights = {name: encode(parameter) for name, parameter in network.named_parameters()}
    probabilities = encode(torch.softmax(network(image), 1))
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    losses = []
    for _ in range(STEPS):
        value = {"soft-dice": soft_dice, "dice-ce": dice_and_cross_entropy}[loss](network(image), target)
        losses.append(value.item())
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    return {
        "description": {"kind": "unet", "spaceAxes": 2, "convolutionsPerLevel": 2, **description},
        "loss": loss,
        "learningRate": LEARNING_RATE,
        "weights": weights,
        "image": encode(image),
        "target": encode(target),
        "probabilities": probabilities,
        "losses": losses,
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
    cases = {
        "seed, soft Dice": golden(1, seed, "soft-dice", None, ignored_rows=0),
        "three classes, instance norm, Dice and cross-entropy, ignored rows": golden(2, planned, "dice-ce", None, ignored_rows=8),
    }
    path = Path(sys.argv[1]) / "net.json"
    path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}) + "\n")


main()
