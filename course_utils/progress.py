"""Long training in a notebook: a bar, pictures on the way, and a kernel that may be interrupted at any time."""

from tqdm import tqdm

from . import plot


def train(history, total, step, picture=None, every=10):
    """Call step() until `history`, a list that the caller keeps, holds `total` entries; each call's result is appended.

    Because the list stays with the caller, running the cell again goes on where it stopped, and does nothing
    once training is complete. Interrupting the kernel (the stop button) ends training with one sentence and no
    error: the weights are those of that moment, and can be used.

    step: a function without arguments that trains for a round (an epoch, say) and returns what is worth keeping.
    picture: a function without arguments that returns a figure and its description; drawn after every `every`
    rounds and at the end, each in the place of the one before.
    """
    place = True
    try:
        with tqdm(total=total, initial=len(history)) as bar:
            while len(history) < total:
                history.append(step())
                bar.update()
                if picture and (len(history) % every == 0 or len(history) == total):
                    place = plot.show(*picture(), place=place)
    except KeyboardInterrupt:
        print(f"Stopped after {len(history)} of {total} rounds. The weights can be used; run this cell again to go on.")
