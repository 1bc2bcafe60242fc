"""The seed U-Net in PyTorch: the peer of `npm run bench -- seed`.

Reads one JSON command per line from stdin and answers each with one JSON line:
{"predict"|"train": repeats, "layout": "contiguous"|"channels_last"} -> {"slicesPerSecond": number}
Usage: seed_torch.py FILTERS BATCH SIZE THREADS
"""

import json
import sys
import time

import torch
from torch import nn


class SeedUNet(nn.Module):
    """f, 2f, 4f, 8f, bottom 16f; two 3x3 convolutions with ReLU per level; 3x3 stride-2 transposed convolutions; two outputs."""

    def __init__(self, filters, channels=1, classes=2, levels=4):
        super().__init__()
        widths = [filters * 2**level for level in range(levels + 1)]

        def block(inputs, outputs):
            first = nn.Conv2d(inputs, outputs, 3, padding=1)
            second = nn.Conv2d(outputs, outputs, 3, padding=1)
            return nn.Sequential(first, nn.ReLU(inplace=True), second, nn.ReLU(inplace=True))

        inputs = [channels, *widths[:-1]]
        self.down = nn.ModuleList(block(i, o) for i, o in zip(inputs, widths))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(widths[i + 1], widths[i], 3, stride=2, padding=1, output_padding=1) for i in range(levels)
        )
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
        return torch.softmax(self.head(x), 1)


def soft_dice(probabilities, mask):
    predicted = probabilities[:, 1]
    return 1 - (2 * (predicted * mask).sum() + 1) / (predicted.sum() + mask.sum() + 1)


def main():
    filters, batch, size, threads = map(int, sys.argv[1:5])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
    networks = {name: SeedUNet(filters).to(memory_format=layout) for name, layout in formats.items()}
    optimizers = {name: torch.optim.Adam(network.parameters(), 1e-3) for name, network in networks.items()}
    image = torch.randn(batch, 1, size, size)
    mask = (torch.rand(batch, size, size) < 0.1).float()
    print(json.dumps({"torch": torch.__version__}), flush=True)

    def predict(layout):
        with torch.inference_mode():
            networks[layout](image.to(memory_format=formats[layout]))

    def train(layout):
        optimizers[layout].zero_grad(set_to_none=True)
        soft_dice(networks[layout](image.to(memory_format=formats[layout])), mask).backward()
        optimizers[layout].step()

    for line in sys.stdin:
        command = json.loads(line)
        work, repeats = (predict, command["predict"]) if "predict" in command else (train, command["train"])
        start = time.perf_counter()
        for _ in range(repeats):
            work(command["layout"])
        seconds = time.perf_counter() - start
        print(json.dumps({"slicesPerSecond": batch * repeats / seconds}), flush=True)


main()
