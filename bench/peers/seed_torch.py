"""The U-Nets of the presets `seed` and `auto` in PyTorch: the peer of `npm run bench -- seed`, and of `bench/gpu.sh`.

Reads one JSON command per line from stdin and answers each with one JSON line:
{"predict"|"train": repeats, "layout": "contiguous"|"channels_last"} -> {"slicesPerSecond": number, "processorMs": number}
Usage: seed_torch.py seed|auto FILTERS BATCH SIZE THREADS [cpu|cuda]
Images start in the processor's memory, and probabilities and losses end there.
"""

import json
import sys
import time

import torch
from torch import nn


def seed_block(inputs, outputs):
    """Two 3x3 convolutions with ReLU."""
    first = nn.Conv2d(inputs, outputs, 3, padding=1)
    second = nn.Conv2d(outputs, outputs, 3, padding=1)
    return nn.Sequential(first, nn.ReLU(inplace=True), second, nn.ReLU(inplace=True))


def auto_block(inputs, outputs):
    """Two 3x3 convolutions with instance normalisation and leaky ReLU."""
    layers = []
    for channels in (inputs, outputs):
        layers.append(nn.Conv2d(channels, outputs, 3, padding=1, bias=False))
        layers.append(nn.InstanceNorm2d(outputs, affine=True))
        layers.append(nn.LeakyReLU(0.01, inplace=True))
    return nn.Sequential(*layers)


def seed_up(inputs, outputs):
    return nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)


def auto_up(inputs, outputs):
    return nn.ConvTranspose2d(inputs, outputs, 2, stride=2)


class UNet(nn.Module):
    """f, 2f, 4f, 8f, bottom 16f; logits of the classes."""

    def __init__(self, block, up, filters, channels, classes, levels=4):
        super().__init__()
        widths = [filters * 2**level for level in range(levels + 1)]
        inputs = [channels, *widths[:-1]]
        self.down = nn.ModuleList(block(i, o) for i, o in zip(inputs, widths))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList(up(widths[i + 1], widths[i]) for i in range(levels))
        self.join = nn.ModuleList(block(2 * widths[i], widths[i]) for i in range(levels))
        self.head = nn.Conv2d(filters, classes, 1)

    def forward(self, x):
        skips = []
        for block in self.down[:-1]:
            x = block(x)
            skips.append(x)
            x = self.pool(x)
        x = self.down[-1](x)
        for i in reversed(range(len(self.up))):
            x = self.join[i](torch.cat([skips[i], self.up[i](x)], 1))
        return self.head(x)


def soft_dice(logits, target):
    predicted = torch.softmax(logits, 1)[:, 1]
    mask = (target == 1).float()
    return 1 - (2 * (predicted * mask).sum() + 1) / (predicted.sum() + mask.sum() + 1)


def dice_ce(logits, target):
    """Dice over the foreground classes that occur, and cross-entropy."""
    predicted = torch.softmax(logits, 1)
    mask = nn.functional.one_hot(target, logits.shape[1]).movedim(-1, 1).float()
    both, first, second = ((a).sum((0, 2, 3))[1:] for a in (predicted * mask, predicted, mask))
    occurs = (second > 0).float()
    dice = (occurs * (1 - (2 * both + 1) / (first + second + 1))).sum() / occurs.sum().clamp(min=1)
    return dice + nn.functional.cross_entropy(logits, target)


# Block, upsampling, image channels, classes, loss.
NETWORKS = {
    "seed": (seed_block, seed_up, 1, 2, soft_dice),
    "auto": (auto_block, auto_up, 3, 3, dice_ce),
}


def main():
    block, up, channels, classes, loss = NETWORKS[sys.argv[1]]
    filters, batch, size, threads = map(int, sys.argv[2:6])
    device = sys.argv[6] if len(sys.argv) > 6 else "cpu"
    torch.set_num_threads(threads)
    # The fastest convolution for each shape is looked for in the warm-up.
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(1)
    formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
    networks = {name: UNet(block, up, filters, channels, classes).to(device, memory_format=layout) for name, layout in formats.items()}
    optimizers = {name: torch.optim.Adam(network.parameters(), 1e-3) for name, network in networks.items()}
    image = torch.randn(batch, channels, size, size)
    target = (torch.rand(batch, size, size) < 0.1).long()
    if device == "cuda":
        image, target = image.pin_memory(), target.pin_memory()
    print(json.dumps({"torch": torch.__version__}), flush=True)

    def given(layout):
        return image.to(device, memory_format=formats[layout], non_blocking=True)

    def predict(layout):
        with torch.inference_mode():
            return torch.softmax(networks[layout](given(layout)), 1).cpu()

    def train(layout):
        optimizers[layout].zero_grad(set_to_none=True)
        value = loss(networks[layout](given(layout)), target.to(device, non_blocking=True))
        value.backward()
        optimizers[layout].step()
        return value.item()

    for line in sys.stdin:
        command = json.loads(line)
        work, repeats = (predict, command["predict"]) if "predict" in command else (train, command["train"])
        start, processor_start = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            work(command["layout"])
        seconds, processor_seconds = time.perf_counter() - start, time.process_time() - processor_start
        slices = batch * repeats
        rate = {"slicesPerSecond": slices / seconds, "processorMs": 1000 * processor_seconds / slices}
        print(json.dumps(rate), flush=True)


main()
