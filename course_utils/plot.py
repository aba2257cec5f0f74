"""Figures from arrays or from any `predict(X)`. Each function draws on a given `ax` and returns it."""

import math

import matplotlib.pyplot as plt
import numpy as np

from . import style


def show(fig, alt, place=None):
    """Display a figure with a description for readers who cannot see it, then close it.

    alt: one or two sentences that say what the figure shows, kept with the notebook's output.
    place: what an earlier call returned, to draw in the place of that figure; or True to open such a place,
    which is returned (None where no notebook is running).
    """
    try:
        from IPython.display import display
    except ImportError:  # a plain script without IPython has nothing to display on
        plt.close(fig)
        return None
    metadata = {"image/png": {"alt": alt}}
    if place is None:
        display(fig, metadata=metadata)
    elif place is True:
        place = display(fig, metadata=metadata, display_id=True)
    else:
        place.update(fig, metadata=metadata)
    plt.close(fig)
    return place


def points(ax, X, y, size=36, **kwargs):
    """Draw labelled points; X (n, 2), y (n,) holding classes 0, 1, 2 (or -1 and +1 for negative and positive)."""
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2 or y.shape != (len(X),):
        raise ValueError(f"points needs X of shape (n, 2) and y of shape (n,), not {X.shape} and {y.shape}")
    classes = np.where(y < 0, 0, y).astype(int)
    for k in np.unique(classes):
        ax.scatter(
            *X[classes == k].T,
            s=size,
            color=style.CLASS_COLORS[k],
            marker=style.CLASS_MARKERS[k],
            edgecolor="white",
            linewidth=0.6,
            zorder=3,
            **kwargs,
        )
    return ax


def surface(ax, predict, xlim=(-3, 3), ylim=(-3, 3), resolution=120, limit=None, boundary=0.0):
    """Colour the plane by predict(X), X (m, 2) → (m,) or (m, 1): blue below `boundary`, vermilion above.

    limit: the distance from `boundary` at which the colour saturates (default: the largest one met).
    """
    x, y = np.linspace(*xlim, resolution), np.linspace(*ylim, resolution)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    Z = np.asarray(predict(grid), dtype=float).reshape(resolution, resolution) - boundary
    limit = limit or float(np.abs(Z).max()) or 1.0
    ax.imshow(
        Z,
        origin="lower",
        extent=(*xlim, *ylim),
        cmap=style.DIVERGING,
        vmin=-limit,
        vmax=limit,
        alpha=0.55,
        aspect="auto",
        interpolation="bilinear",
    )
    if Z.min() < 0 < Z.max():
        ax.contour(x, y, Z, levels=[0], colors="#222222", linewidths=1.5)
    ax.grid(False)
    return ax


def curves(ax, numpy=None, torch=None, train=None, validation=None, x=None, xlabel="step", ylabel="loss"):
    """Draw training curves in the course's line styles; every argument given is a sequence of numbers."""
    for values, look, label in (
        (numpy, style.NUMPY, "NumPy"),
        (torch, style.TORCH, "PyTorch"),
        (train, style.TRAIN, "training"),
        (validation, style.VALIDATION, "validation"),
    ):
        if values is not None:
            ax.plot(np.arange(1, len(values) + 1) if x is None else x, values, **look, label=label)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def matrix(ax, M, limit=None, values=None):
    """Draw a signed matrix M (rows, columns) in the diverging colours; `values` is a format such as ".2f"."""
    M = np.atleast_2d(M)
    limit = limit or float(np.abs(M).max()) or 1.0
    ax.imshow(M, cmap=style.DIVERGING, vmin=-limit, vmax=limit)
    ax.grid(False)
    if values:
        for (i, j), value in np.ndenumerate(M):
            ax.text(j, i, format(value, values), ha="center", va="center", fontsize=9)
    return ax


def images(X, titles=None, columns=10, signed=False, scale=0.55, limit=None):
    """Return a figure of small pictures; X (n, height, width), (n, 1, height, width) or (n, height * width).

    signed: blue-white-vermilion about 0 (weights) instead of white-to-black in [0, 1] (ink).
    scale: inches per picture. titles: one short string per picture.
    """
    X = np.asarray(X)
    if X.ndim == 2:
        side = math.isqrt(X.shape[1])
        X = X.reshape(len(X), side, side)
    X = X.reshape(len(X), *X.shape[-2:])
    rows = math.ceil(len(X) / columns)
    height = scale * (1.35 if titles is not None else 1.0)
    fig, axes = plt.subplots(rows, columns, figsize=(scale * columns, height * rows), squeeze=False)
    limit = limit or (float(np.abs(X).max()) if signed else 1.0)
    look = {"cmap": style.DIVERGING, "vmin": -limit} if signed else {"cmap": "gray_r", "vmin": 0}
    for ax in axes.flat:
        ax.axis("off")
    for k, (ax, image) in enumerate(zip(axes.flat, X, strict=False)):
        ax.imshow(image, vmax=limit, **look)
        if titles is not None:
            ax.set_title(titles[k], fontsize=8, loc="center", pad=2)
    return fig
