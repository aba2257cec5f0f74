"""The check of layers that the demos of dense networks share says what is wrong, and where."""

import numpy as np
import pytest

from course_utils.interact.dense import check_layers

GOOD = [np.zeros((3, 5)), np.zeros(5), np.zeros((5, 2)), np.zeros(2)]


@pytest.mark.parametrize("ends", [{}, {"n_in": 3}, {"n_out": 2}, {"n_in": 3, "n_out": 2}])
def test_fitting_layers_pass(ends):
    check_layers("policy", GOOD, **ends)
    check_layers("policy", [p.tolist() for p in GOOD], **ends)


@pytest.mark.parametrize(
    "params,ends,words",
    [
        (GOOD[:3], {}, r"the policy is a list \[W1, b1, W2, b2, ...\]"),
        ([], {}, r"the policy is a list \[W1, b1, W2, b2, ...\]"),
        (GOOD, {"n_in": 4}, r"layer 1 of the policy: W needs shape \(4, n_out\) and b \(n_out,\), not \(3, 5\) and \(5,\)"),
        (GOOD[:2] * 2, {}, r"layer 2 of the policy: W needs shape \(5, n_out\)"),
        ([np.zeros(3), np.zeros(3)], {}, r"layer 1 of the policy: W needs shape \(n_in, n_out\)"),
        ([GOOD[0], np.zeros((5, 1))], {}, r"layer 1 of the policy: .* not \(3, 5\) and \(5, 1\)"),
        (GOOD, {"n_out": 1}, "the policy needs 1 output, not 2"),
        (GOOD, {"n_out": 3}, "the policy needs 3 outputs, not 2"),
    ],
)
def test_what_does_not_fit_is_named(params, ends, words):
    with pytest.raises(ValueError, match=words):
        check_layers("policy", params, **ends)
