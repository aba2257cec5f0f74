"""The course's palette: one meaning per colour, each with a second cue for readers who do not see it."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap

# Classes: colour and marker. Class 0 stands for "negative", class 1 for "positive".
CLASS_COLORS = ("#0072B2", "#D55E00", "#009E73")
CLASS_MARKERS = ("o", "^", "s")
NEGATIVE, POSITIVE, THIRD = CLASS_COLORS

# Curves: pass them on, as in ax.plot(t, loss, **style.TRAIN, label="training").
TRAIN = {"color": "#222222", "linestyle": "-"}
VALIDATION = {"color": "#AA3377", "linestyle": "--"}
NUMPY = {"color": "#3B9BDC", "linestyle": "-", "linewidth": 5, "alpha": 0.6}
TORCH = {"color": "#7A4A00", "linestyle": "--", "linewidth": 1.4}

# Signed quantities (weights, pre-activations, decision surfaces): blue below 0, white at 0, vermilion above.
DIVERGING = LinearSegmentedColormap.from_list("course", [NEGATIVE, "#FFFFFF", POSITIVE])
# Ordered quantities (depth, time): light to dark.
ORDERED = LinearSegmentedColormap.from_list("course_ordered", ["#BFD9EC", "#3B78A8", "#0B2545"])


def ordered(n):
    """Return n colours, light to dark, for a family of curves ordered by depth or time."""
    return [ORDERED(i / max(1, n - 1)) for i in range(n)]


def use():
    """Give every figure of this session the course's look."""
    mpl.style.use(Path(__file__).with_name("course.mplstyle"))
