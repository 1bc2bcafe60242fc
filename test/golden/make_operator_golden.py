"""Writes operators.json: what PyTorch computes for single layers, losses and optimizers (made with PyTorch 2.13.0, CPU).

- operators: inputs, output, a gradient of the output, and the gradients of the inputs;
- losses: logits, a target (class indices, -1 = ignored), the loss and its gradient on the logits;
- optimizers: weights (the last two as a bias, which does not decay), six gradients and learning rates, and the weights after each step.
Run: $VOXEL_LOOP_PYTHON test/golden/make_operator_golden.py test/golden
"""

import base64
import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as f

STEPS = 6


def encode(tensor):
    data = tensor.detach().to(torch.float32).contiguous().numpy().astype("<f4").tobytes()
    return {"shape": list(tensor.shape), "float32": base64.b64encode(data).decode()}


IMAGE = (2, 3, 6, 4)
VOLUME = (2, 2, 4, 2, 6)

OPERATORS = {
    "convolution 3x3": ([IMAGE, (4, 3, 3, 3), (4,)], lambda x, w, b: f.conv2d(x, w, b, padding=1)),
    "convolution 1x1": ([IMAGE, (4, 3, 1, 1), (4,)], f.conv2d),
    "convolution 3x3x3": ([VOLUME, (3, 2, 3, 3, 3), (3,)], lambda x, w, b: f.conv3d(x, w, b, padding=1)),
    "strided convolution 3x3": (
        [IMAGE, (4, 3, 3, 3), (4,)],
        lambda x, w, b: f.conv2d(x, w, b, stride=2, padding=1),
    ),
    "strided convolution 1x1": ([IMAGE, (4, 3, 1, 1), (4,)], lambda x, w, b: f.conv2d(x, w, b, stride=2)),
    "strided convolution 3x3x3": (
        [VOLUME, (3, 2, 3, 3, 3), (3,)],
        lambda x, w, b: f.conv3d(x, w, b, stride=2, padding=1),
    ),
    "transposed convolution 2x2": (
        [IMAGE, (3, 4, 2, 2), (4,)],
        lambda x, w, b: f.conv_transpose2d(x, w, b, stride=2),
    ),
    "transposed convolution 3x3": (
        [IMAGE, (3, 4, 3, 3), (4,)],
        lambda x, w, b: f.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1),
    ),
    "transposed convolution 2x2x2": (
        [VOLUME, (2, 3, 2, 2, 2), (3,)],
        lambda x, w, b: f.conv_transpose3d(x, w, b, stride=2),
    ),
    "max pool": ([IMAGE], lambda x: f.max_pool2d(x, 2)),
    "max pool 3-D": ([VOLUME], lambda x: f.max_pool3d(x, 2)),
    "instance norm": ([IMAGE, (3,), (3,)], lambda x, w, b: f.instance_norm(x, weight=w, bias=b)),
    "instance norm 3-D": ([VOLUME, (2,), (2,)], lambda x, w, b: f.instance_norm(x, weight=w, bias=b)),
    "ReLU": ([IMAGE], f.relu),
    "leaky ReLU": ([IMAGE], lambda x: f.leaky_relu(x, 0.01)),
    "sigmoid": ([IMAGE], torch.sigmoid),
    "softmax": ([IMAGE], lambda x: torch.softmax(x, 1)),
    "concatenation": ([IMAGE, (2, 1, 6, 4)], lambda a, b: torch.cat([a, b], 1)),
    "residual add": ([IMAGE, IMAGE], lambda a, b: f.leaky_relu(a + b, 0.01)),
}


def operator(shapes, compute):
    inputs = [torch.randn(shape).requires_grad_() for shape in shapes]
    output = compute(*inputs)
    output_gradient = torch.randn(output.shape)
    output.backward(output_gradient)
    return {
        "inputs": [encode(x) for x in inputs],
        "output": encode(output),
        "outputGradient": encode(output_gradient),
        "gradients": [encode(x.grad) for x in inputs],
    }


def sizes(logits, target):
    counted = (target >= 0)[:, None]
    one_hot = f.one_hot(target.clamp(min=0), logits.shape[1]).movedim(-1, 1) * counted
    probabilities = torch.softmax(logits, 1)
    axes = (0, *range(2, logits.dim()))
    both = (probabilities * one_hot).sum(axes)[1:]
    return both, (probabilities * counted).sum(axes)[1:], one_hot.sum(axes)[1:].to(logits.dtype)


def soft_dice(logits, target):
    both, predicted, actual = sizes(logits, target)
    return (1 - (2 * both + 1) / (predicted + actual + 1)).mean()


def dice_and_cross_entropy(logits, target):
    both, predicted, actual = sizes(logits, target)
    dice = (1 - (2 * both + 1) / (predicted + actual + 1))[actual > 0].mean()
    return dice + f.cross_entropy(logits, target, ignore_index=-1)


def one_minus_precision(logits, target):
    both, predicted, _ = sizes(logits, target)
    return (1 - (both + 1) / (predicted + 1)).mean()


def one_minus_iou(logits, target):
    both, predicted, actual = sizes(logits, target)
    return (1 - (both + 1) / (predicted + actual - both + 1)).mean()


def focal_tversky(logits, target):
    both, predicted, actual = sizes(logits, target)
    index = (both + 1) / (both + 0.7 * (actual - both) + 0.3 * (predicted - both) + 1)
    return ((1 - index) ** 0.75).mean()


LOSSES = {
    "soft-dice": soft_dice,
    "dice-ce": dice_and_cross_entropy,
    "one-minus-precision": one_minus_precision,
    "one-minus-iou": one_minus_iou,
    "focal-tversky": focal_tversky,
}


def loss(compute, classes, shown):
    # In float64, so that the golden values are exact where the formulas are not in float32.
    logits = (3 * torch.randn(2, classes, 5, 4)).double().requires_grad_()
    target = torch.randint(-1, shown, (2, 5, 4))
    value = compute(logits, target)
    value.backward()
    return {
        "classes": classes,
        "logits": encode(logits),
        "target": encode(target),
        "loss": value.item(),
        "gradient": encode(logits.grad),
    }


OPTIMIZERS = {
    "Adam": ({"kind": "adam"}, {}),
    "AdamW": ({"kind": "adamw", "weightDecay": 0.1}, {}),
    "SGD with Nesterov momentum": ({"kind": "sgd", "momentum": 0.99}, {}),
    "SGD, clipped": ({"kind": "sgd", "momentum": 0.9}, {"gradientClip": 1.5}),
    "AdamW, clipped and averaged": (
        {"kind": "adamw", "weightDecay": 0.01},
        {"gradientClip": 2.5, "averageDecay": 0.3},
    ),
}


def optimizer(description, options):
    kernel, bias = nn.Parameter(torch.randn(6)), nn.Parameter(torch.randn(2))
    start = torch.cat([kernel, bias])
    groups = [{"params": [kernel]}, {"params": [bias], "weight_decay": 0.0}]
    kind = description["kind"]
    if kind == "adam":
        made = torch.optim.Adam([kernel, bias])
    elif kind == "adamw":
        made = torch.optim.AdamW(groups, weight_decay=description["weightDecay"])
    else:
        made = torch.optim.SGD([kernel, bias], momentum=description["momentum"], nesterov=True)
    decay = options.get("averageDecay", 0.0)
    averaged = torch.optim.swa_utils.AveragedModel(
        nn.ParameterList([kernel, bias]),
        avg_fn=lambda average, weight, step: average + (1 - min(decay, (1 + step) / (10 + step))) * (weight - average),
    )
    averaged.update_parameters(nn.ParameterList([kernel, bias]))
    gradients, rates, weights, averages, lengths = [], [], [], [], []
    for step in range(STEPS):
        gradient = torch.randn(8) * 10 ** (step % 3 - 1)
        rate = 0.01 * (step + 1)
        kernel.grad, bias.grad = gradient[:6].clone(), gradient[6:].clone()
        lengths.append(gradient.norm().item())
        if "gradientClip" in options:
            nn.utils.clip_grad_norm_([kernel, bias], options["gradientClip"])
        for group in made.param_groups:
            group["lr"] = rate
        made.step()
        averaged.update_parameters(nn.ParameterList([kernel, bias]))
        gradients.append(encode(gradient))
        rates.append(rate)
        weights.append(encode(torch.cat([kernel, bias])))
        averages.append(encode(torch.cat(list(averaged.module))))
    if "gradientClip" in options:
        assert min(lengths) < options["gradientClip"] < max(lengths)
    return {
        "optimizer": description,
        **options,
        "start": encode(start),
        "gradients": gradients,
        "learningRates": rates,
        "weights": weights,
        **({"averages": averages} if "averageDecay" in options else {}),
    }


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(20)
    golden = {
        "torch": torch.__version__,
        "operators": {name: operator(*case) for name, case in OPERATORS.items()},
        "losses": {
            name: [loss(compute, classes, shown) for classes, shown in [(2, 2), (3, 3), (4, 3)]]
            for name, compute in LOSSES.items()
        },
        "optimizers": {name: optimizer(*case) for name, case in OPTIMIZERS.items()},
    }
    path = Path(sys.argv[1]) / "operators.json"
    path.write_text(json.dumps(golden) + "\n")


main()
