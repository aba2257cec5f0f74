# %% layer_costs: the dilation forgotten -> values | 'dilation': 3}: out_shape
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - k) // stride + 1 for size, k in zip(shape[1:], kernel)]
    weights = c_out * (shape[0] // groups) * kernel[0] * kernel[1]
    return (c_out, *sizes), weights + c_out, weights * sizes[0] * sizes[1]

# %% layer_costs: a dilated kernel spans d k pixels -> values | 'dilation': 3}: out_shape
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - dilation * k) // stride + 1 for size, k in zip(shape[1:], kernel)]
    weights = c_out * (shape[0] // groups) * kernel[0] * kernel[1]
    return (c_out, *sizes), weights + c_out, weights * sizes[0] * sizes[1]

# %% layer_costs: the padding counted once -> values | 'pad': 2}: out_shape
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + pad - dilation * (k - 1) - 1) // stride + 1 for size, k in zip(shape[1:], kernel)]
    weights = c_out * (shape[0] // groups) * kernel[0] * kernel[1]
    return (c_out, *sizes), weights + c_out, weights * sizes[0] * sizes[1]

# %% layer_costs: the 1 added before the division -> values | 'stride': 2}: out_shape
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [max(1, (size + 2 * pad - dilation * (k - 1)) // stride - (stride > 1)) for size, k in zip(shape[1:], kernel)]
    weights = c_out * (shape[0] // groups) * kernel[0] * kernel[1]
    return (c_out, *sizes), weights + c_out, weights * sizes[0] * sizes[1]

# %% layer_costs: the groups ignored -> values | 'groups': 3}: parameters is
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for size, k in zip(shape[1:], kernel)]
    weights = c_out * shape[0] * kernel[0] * kernel[1]
    return (c_out, *sizes), weights + c_out, weights * sizes[0] * sizes[1]

# %% layer_costs: the biases divided by the groups as well -> values | : parameters is
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for size, k in zip(shape[1:], kernel)]
    weights = c_out * (shape[0] // groups) * kernel[0] * kernel[1]
    return (c_out, *sizes), weights + c_out // groups, weights * sizes[0] * sizes[1]

# %% layer_costs: divided by the groups twice -> values | : parameters is
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for size, k in zip(shape[1:], kernel)]
    weights = (c_out // groups) * (shape[0] // groups) * kernel[0] * kernel[1]
    return (c_out, *sizes), weights + c_out, weights * sizes[0] * sizes[1]

# %% layer_costs: no biases -> values | nothing else: parameters is
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for size, k in zip(shape[1:], kernel)]
    weights = c_out * (shape[0] // groups) * kernel[0] * kernel[1]
    return (c_out, *sizes), weights, weights * sizes[0] * sizes[1]

# %% layer_costs: a bias multiplied as well -> values | nothing else: multiplications is
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for size, k in zip(shape[1:], kernel)]
    parameters = c_out * (shape[0] // groups) * kernel[0] * kernel[1] + c_out
    return (c_out, *sizes), parameters, parameters * sizes[0] * sizes[1]

# %% layer_costs: the places of the input instead of the output -> values | : multiplications is
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for size, k in zip(shape[1:], kernel)]
    weights = c_out * (shape[0] // groups) * kernel[0] * kernel[1]
    return (c_out, *sizes), weights + c_out, weights * shape[1] * shape[2]

# %% layer_costs: no channels in the shape -> shape | out_shape has shape (2,)
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for size, k in zip(shape[1:], kernel)]
    weights = c_out * (shape[0] // groups) * kernel[0] * kernel[1]
    return sizes, weights + c_out, weights * sizes[0] * sizes[1]

# %% layer_costs: a square kernel assumed -> values | nothing else: out_shape
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    k = kernel[0]
    sizes = [(size + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for size in shape[1:]]
    weights = c_out * (shape[0] // groups) * k * k
    return (c_out, *sizes), weights + c_out, weights * sizes[0] * sizes[1]

# %% layer_costs: two answers only -> shape | out_shape, parameters, multiplications
def layer_costs(shape, c_out, kernel, stride=1, pad=0, dilation=1, groups=1):
    sizes = [(size + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for size, k in zip(shape[1:], kernel)]
    return (c_out, *sizes), c_out * (shape[0] // groups) * kernel[0] * kernel[1] + c_out

# %% seen: from the front to the back -> values | unit
def seen(layers, i):
    first = last = i
    for k, stride, pad, dilation in layers:
        first, last = first * stride - pad, last * stride - pad + dilation * (k - 1)
    return first, last

# %% seen: kernels added, strides ignored -> values | (3, 2, 0, 1)
def seen(layers, i):
    pads = sum(pad for _, _, pad, _ in layers)
    return i - pads, i - pads + sum(d * (k - 1) for k, _, _, d in layers)

# %% seen: the padding ignored -> values | (3, 1, 1, 1)
def seen(layers, i):
    first = last = i
    for k, stride, pad, dilation in reversed(layers):
        first, last = first * stride, last * stride + dilation * (k - 1)
    return first, last

# %% seen: cut off at the border -> values | unit 0: first
def seen(layers, i):
    first = last = i
    for k, stride, pad, dilation in reversed(layers):
        first, last = first * stride - pad, last * stride - pad + dilation * (k - 1)
    return max(first, 0), last

# %% seen: one past the last pixel -> values | : last
def seen(layers, i):
    first = last = i
    for k, stride, pad, dilation in reversed(layers):
        first, last = first * stride - pad, last * stride - pad + dilation * (k - 1)
    return first, last + 1

# %% seen: the size of the window instead of its end -> values | : last
def seen(layers, i):
    first = last = i
    for k, stride, pad, dilation in reversed(layers):
        first, last = first * stride - pad, last * stride - pad + dilation * (k - 1)
    return first, last - first + 1

# %% seen: the dilation forgotten -> values | (3, 1, 0, 2)
def seen(layers, i):
    first = last = i
    for k, stride, pad, dilation in reversed(layers):
        first, last = first * stride - pad, last * stride - pad + k - 1
    return first, last

# %% seen: dilation times k -> values | : last
def seen(layers, i):
    first = last = i
    for k, stride, pad, dilation in reversed(layers):
        first, last = first * stride - pad, last * stride - pad + dilation * k - 1
    return first, last

# %% seen: the padding taken off before the stride -> values | unit
def seen(layers, i):
    first = last = i
    for k, stride, pad, dilation in reversed(layers):
        first, last = (first - pad) * stride, (last - pad) * stride + dilation * (k - 1)
    return first, last

# %% seen: the window of the top layer only -> values | unit
def seen(layers, i):
    k, stride, pad, dilation = layers[-1]
    return i * stride - pad, i * stride - pad + dilation * (k - 1)

# %% seen: the list used up -> contract | changes its input layers
def seen(layers, i):
    first = last = i
    while layers:
        k, stride, pad, dilation = layers.pop()
        first, last = first * stride - pad, last * stride - pad + dilation * (k - 1)
    return first, last

# %% seen: the size alone -> shape | first, last
def seen(layers, i):
    size, jump = 1, 1
    for k, stride, pad, dilation in layers:
        size, jump = size + dilation * (k - 1) * jump, jump * stride
    return size

# %% depthwise: channels added up as in an ordinary layer -> values | the mean of each channel
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    Z = np.einsum("nchwuv,cuv->nhw", windows, W)
    return Z[:, None] + b[:, None, None]

# %% depthwise: a kernel flipped both ways -> values | with stride 1 and pad 0, the mean
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,cuv->nchw", windows, W[:, ::-1, ::-1]) + b[:, None, None]

# %% depthwise: the bias forgotten -> values | the mean of each channel
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,cuv->nchw", windows, W)

# %% depthwise: the bias added for every kernel place -> values | the mean of each channel
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,cuv->nchw", windows, W) + b[:, None, None] * W[0].size

# %% depthwise: the bias along the width -> error | depthwise stopped with
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,cuv->nchw", windows, W) + b

# %% depthwise: the stride ignored -> shape | with stride 2 and pad 0
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))
    return np.einsum("nchwuv,cuv->nchw", windows, W) + b[:, None, None]

# %% depthwise: the padding ignored -> shape | with stride 1 and pad 2
def depthwise(X, W, b, stride=1, pad=0):
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,cuv->nchw", windows, W) + b[:, None, None]

# %% depthwise: padded on one side only -> shape | with stride 1 and pad 2
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, 0), (pad, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,cuv->nchw", windows, W) + b[:, None, None]

# %% depthwise: padded with the border pixels, not with zeros -> values | with stride 1 and pad 2
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,cuv->nchw", windows, W) + b[:, None, None]

# %% depthwise: rows and columns of the kernel exchanged -> shape | Z has shape (3, 4, 8, 6)
def depthwise(X, W, b, stride=1, pad=0):
    X, W = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad))), W.transpose(0, 2, 1)
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,cuv->nchw", windows, W) + b[:, None, None]

# %% depthwise: the last kernel place overwrites the others -> values | the mean of each channel
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    H_out, W_out = (X.shape[2] - W.shape[1]) // stride + 1, (X.shape[3] - W.shape[2]) // stride + 1
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            window = X[:, :, u : u + stride * H_out : stride, v : v + stride * W_out : stride]
            Z = W[:, u, v][:, None, None] * window
    return Z + b[:, None, None]

# %% depthwise: the first kernel for all channels -> values | the mean of each channel
def depthwise(X, W, b, stride=1, pad=0):
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(X, W.shape[1:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwuv,uv->nchw", windows, W[0]) + b[:, None, None]

# %% depthwise_backward: overwritten instead of added up -> values | dX
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    H, width, s = X.shape[2], X.shape[3], stride
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3))
            dX[place] = W[:, u, v][:, None, None] * dZ
    return dX[:, :, pad : pad + H, pad : pad + width], dW, dZ.sum(axis=(0, 2, 3))

# %% depthwise_backward: the kernel not turned when sending back -> values | dX
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    H, width, s = X.shape[2], X.shape[3], stride
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3))
            dX[place] += W[:, -1 - u, -1 - v][:, None, None] * dZ
    return dX[:, :, pad : pad + H, pad : pad + width], dW, dZ.sum(axis=(0, 2, 3))

# %% depthwise_backward: the frame left on -> shape | with stride 1 and pad 1, dX
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    s = stride
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3))
            dX[place] += W[:, u, v][:, None, None] * dZ
    return dX, dW, dZ.sum(axis=(0, 2, 3))

# %% depthwise_backward: the frame cut off by pad:-pad -> shape | with stride 1 and pad 0, dX has shape (3, 4, 0, 0)
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    s = stride
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3))
            dX[place] += W[:, u, v][:, None, None] * dZ
    return dX[:, :, pad:-pad, pad:-pad], dW, dZ.sum(axis=(0, 2, 3))

# %% depthwise_backward: the stride forgotten -> values | with stride 2 and pad 0, dW
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    H, width = X.shape[2:]
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + dZ.shape[2], v : v + dZ.shape[3]]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3))
            dX[place] += W[:, u, v][:, None, None] * dZ
    return dX[:, :, pad : pad + H, pad : pad + width], dW, dZ.sum(axis=(0, 2, 3))

# %% depthwise_backward: a mean over the pictures -> values | the same factor
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    H, width, s = X.shape[2], X.shape[3], stride
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3)) / len(X)
            dX[place] += W[:, u, v][:, None, None] * dZ
    return dX[:, :, pad : pad + H, pad : pad + width], dW, dZ.sum(axis=(0, 2, 3))

# %% depthwise_backward: the biases summed over pictures only -> shape | db has shape (4, 7, 6)
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    H, width, s = X.shape[2], X.shape[3], stride
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3))
            dX[place] += W[:, u, v][:, None, None] * dZ
    return dX[:, :, pad : pad + H, pad : pad + width], dW, dZ.sum(axis=0)

# %% depthwise_backward: X not padded for dW -> error | depthwise_backward stopped with
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    H, width, s = X.shape[2], X.shape[3], stride
    dX, dW = np.zeros((*X.shape[:2], H + 2 * pad, width + 2 * pad)), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3))
            dX[place] += W[:, u, v][:, None, None] * dZ
    return dX[:, :, pad : pad + H, pad : pad + width], dW, dZ.sum(axis=(0, 2, 3))

# %% depthwise_backward: pixels that no window reached left out of dX -> shape | with stride 2 and pad 0, dX
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    s, (k_h, k_w) = stride, W.shape[1:]
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    reached = np.s_[:, :, : (dZ.shape[2] - 1) * s + k_h, : (dZ.shape[3] - 1) * s + k_w]
    dX, dW = np.zeros_like(X[reached]), np.zeros_like(W)
    for u in range(k_h):
        for v in range(k_w):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3))
            dX[place] += W[:, u, v][:, None, None] * dZ
    return dX[:, :, pad : dX.shape[2] - pad, pad : dX.shape[3] - pad], dW, dZ.sum(axis=(0, 2, 3))

# %% depthwise_backward: all channels share one sum -> values | dW
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    H, width, s = X.shape[2], X.shape[3], stride
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place])
            dX[place] += W[:, u, v][:, None, None] * dZ
    return dX[:, :, pad : pad + H, pad : pad + width], dW, dZ.sum(axis=(0, 2, 3))

# %% depthwise_backward: the answers in another order -> shape | db has shape (3, 4, 9, 7)
def depthwise_backward(dZ, X, W, stride=1, pad=0):
    H, width, s = X.shape[2], X.shape[3], stride
    X = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for u in range(W.shape[1]):
        for v in range(W.shape[2]):
            place = np.s_[:, :, u : u + s * dZ.shape[2] : s, v : v + s * dZ.shape[3] : s]
            dW[:, u, v] = np.sum(dZ * X[place], axis=(0, 2, 3))
            dX[place] += W[:, u, v][:, None, None] * dZ
    return dZ.sum(axis=(0, 2, 3)), dW, dX[:, :, pad : pad + H, pad : pad + width]

# %% conv_rows: height shifts instead of width shifts -> shape | for k = 3, S has shape
def width_shifts(X, k):
    n, C, H, width = X.shape
    return np.ascontiguousarray(np.stack([X[:, :, j : j + H - k + 1].transpose(1, 2, 0, 3) for j in range(k)], axis=1))

def conv_rows(S, W, b):
    Z = sum(np.tensordot(W[:, :, :, u], S[..., u : u + S.shape[4] - S.shape[1] + 1], 2) for u in range(S.shape[1]))
    return Z.transpose(2, 0, 1, 3) + b[:, None, None]

# %% conv_rows: the pictures stay in front -> shape | S has shape
def width_shifts(X, k):
    return np.stack([X[:, :, :, j : j + X.shape[3] - k + 1] for j in range(k)], axis=2)

def conv_rows(S, W, b):
    raise NotImplementedError("your turn")

# %% conv_rows: only the first function written -> todo | Write `conv_rows`
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    raise NotImplementedError("your turn")

# %% conv_rows: shifted to the other side -> values | for k = 3, S[
def width_shifts(X, k):
    windows = np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3)
    return np.ascontiguousarray(windows[:, ::-1])

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = sum(np.tensordot(W[:, :, u, ::-1], S[:, :, u : u + H - k + 1], 2) for u in range(k))
    return Z.transpose(2, 0, 1, 3) + b[:, None, None]

# %% conv_rows: a view with its axes renamed, nothing copied -> values | lies in memory in another order
def width_shifts(X, k):
    return np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3)

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = 0
    for u in range(k):
        Z = Z + W[:, :, u].reshape(-1, C * k) @ S[:, :, u : u + H - k + 1].reshape(C * k, -1)
    return Z.reshape(-1, H - k + 1, n, W_out).transpose(2, 0, 1, 3) + b[:, None, None]

# %% conv_rows: every block copied -> values | of new memory
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = 0
    for u in range(k):
        block = np.ascontiguousarray(S[:, :, u : u + H - k + 1]).reshape(C * k, -1)
        Z = Z + W[:, :, u].reshape(-1, C * k) @ block
    return Z.reshape(-1, H - k + 1, n, W_out).transpose(2, 0, 1, 3) + b[:, None, None]

# %% conv_rows: the plain im2col after all -> values | of new memory
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    cols = np.stack([S[:, :, u : u + H - k + 1] for u in range(k)], axis=1)
    Z = W.reshape(-1, C * k * k) @ cols.reshape(C * k * k, -1)
    return Z.reshape(-1, H - k + 1, n, W_out).transpose(2, 0, 1, 3) + b[:, None, None]

# %% conv_rows: axes exchanged before the reshape, a silent copy -> values | of new memory
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = 0
    for u in range(k):
        block = S[:, :, u : u + H - k + 1].transpose(0, 1, 3, 2, 4).reshape(C * k, -1)
        Z = Z + W[:, :, u].reshape(-1, C * k) @ block
    return Z.reshape(-1, n, H - k + 1, W_out).transpose(1, 0, 2, 3) + b[:, None, None]

# %% conv_rows: the kernel's columns taken for its rows -> values | for k = 3, Z
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = 0
    for u in range(k):
        Z = Z + W[:, :, :, u].reshape(-1, C * k) @ S[:, :, u : u + H - k + 1].reshape(C * k, -1)
    return Z.reshape(-1, H - k + 1, n, W_out).transpose(2, 0, 1, 3) + b[:, None, None]

# %% conv_rows: the bias forgotten -> values | for k = 1, Z
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = 0
    for u in range(k):
        Z = Z + W[:, :, u].reshape(-1, C * k) @ S[:, :, u : u + H - k + 1].reshape(C * k, -1)
    return Z.reshape(-1, H - k + 1, n, W_out).transpose(2, 0, 1, 3)

# %% conv_rows: the bias added in every step -> values | for k = 3, Z
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = 0
    for u in range(k):
        Z = Z + W[:, :, u].reshape(-1, C * k) @ S[:, :, u : u + H - k + 1].reshape(C * k, -1) + b[:, None]
    return Z.reshape(-1, H - k + 1, n, W_out).transpose(2, 0, 1, 3)

# %% conv_rows: the block of u = 0 for all u -> values | for k = 3, Z
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = 0
    for u in range(k):
        Z = Z + W[:, :, u].reshape(-1, C * k) @ S[:, :, : H - k + 1].reshape(C * k, -1)
    return Z.reshape(-1, H - k + 1, n, W_out).transpose(2, 0, 1, 3) + b[:, None, None]

# %% conv_rows: channels first in the answer -> shape | Z has shape (4, 6, 3, 8)
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = np.repeat(b[:, None], (H - k + 1) * n * W_out, axis=1)
    for u in range(k):
        Z += W[:, :, u].reshape(-1, C * k) @ S[:, :, u : u + H - k + 1].reshape(C * k, -1)
    return Z.reshape(-1, H - k + 1, n, W_out)

# %% conv_rows: reshaped to the right shape without moving the axes -> values | for k = 1, Z
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    Z = np.repeat(b[:, None], (H - k + 1) * n * W_out, axis=1)
    for u in range(k):
        Z += W[:, :, u].reshape(-1, C * k) @ S[:, :, u : u + H - k + 1].reshape(C * k, -1)
    return Z.reshape(n, -1, H - k + 1, W_out)

# %% conv_rows: the weights in place -> contract | changes its input
def width_shifts(X, k):
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(X, k, 3).transpose(1, 4, 2, 0, 3))

def conv_rows(S, W, b):
    C, k, H, n, W_out = S.shape
    W /= 2
    Z = 0
    for u in range(k):
        Z = Z + 2 * W[:, :, u].reshape(-1, C * k) @ S[:, :, u : u + H - k + 1].reshape(C * k, -1)
    return Z.reshape(-1, H - k + 1, n, W_out).transpose(2, 0, 1, 3) + b[:, None, None]

# %% groupnorm_backward: the formula of batch normalisation -> values | dg
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    mean, axes = X.mean(axis=(0, 2, 3), keepdims=True), (0, 2, 3)
    std = np.sqrt(X.var(axis=axes, keepdims=True) + eps)
    X_hat = (X - mean) / std
    dX_hat = dZ * g[:, None, None]
    dX = dX_hat - dX_hat.mean(axis=axes, keepdims=True) - X_hat * (dX_hat * X_hat).mean(axis=axes, keepdims=True)
    return dX / std, (dZ * X_hat).sum(axis=axes), dZ.sum(axis=axes)

# %% groupnorm_backward: one group for everything -> values | with groups = 6
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    axes = (1, 2, 3)
    std = np.sqrt(X.var(axis=axes, keepdims=True) + eps)
    X_hat = (X - X.mean(axis=axes, keepdims=True)) / std
    dX_hat = dZ * g[:, None, None]
    dX = dX_hat - dX_hat.mean(axis=axes, keepdims=True) - X_hat * (dX_hat * X_hat).mean(axis=axes, keepdims=True)
    return dX / std, (dZ * X_hat).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))

# %% groupnorm_backward: g taken out of the means -> values | with groups = 1 and ε = 0.1, dX
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    rows = (len(X), groups, -1)
    centred = X.reshape(rows) - X.reshape(rows).mean(axis=2, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=2, keepdims=True) + eps)
    X_hat = centred / std
    dg, db = (dZ * X_hat.reshape(X.shape)).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))
    d = dZ.reshape(rows)
    dX = (d - d.mean(axis=2, keepdims=True) - X_hat * (d * X_hat).mean(axis=2, keepdims=True)) / std
    return dX.reshape(X.shape) * g[:, None, None], dg, db

# %% groupnorm_backward: only the direct route -> values | dX
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    rows = (len(X), groups, -1)
    centred = X.reshape(rows) - X.reshape(rows).mean(axis=2, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=2, keepdims=True) + eps)
    X_hat = centred / std
    dg, db = (dZ * X_hat.reshape(X.shape)).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))
    return ((dZ * g[:, None, None]).reshape(rows) / std).reshape(X.shape), dg, db

# %% groupnorm_backward: the route through the variance forgotten -> values | dX
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    rows = (len(X), groups, -1)
    centred = X.reshape(rows) - X.reshape(rows).mean(axis=2, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=2, keepdims=True) + eps)
    X_hat = centred / std
    dg, db = (dZ * X_hat.reshape(X.shape)).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))
    d = (dZ * g[:, None, None]).reshape(rows)
    return ((d - d.mean(axis=2, keepdims=True)) / std).reshape(X.shape), dg, db

# %% groupnorm_backward: the route through the mean forgotten -> values | dX
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    rows = (len(X), groups, -1)
    centred = X.reshape(rows) - X.reshape(rows).mean(axis=2, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=2, keepdims=True) + eps)
    X_hat = centred / std
    dg, db = (dZ * X_hat.reshape(X.shape)).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))
    d = (dZ * g[:, None, None]).reshape(rows)
    return ((d - X_hat * (d * X_hat).mean(axis=2, keepdims=True)) / std).reshape(X.shape), dg, db

# %% groupnorm_backward: epsilon outside the root -> values | dg
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    rows = (len(X), groups, -1)
    centred = X.reshape(rows) - X.reshape(rows).mean(axis=2, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=2, keepdims=True)) + eps
    X_hat = centred / std
    dg, db = (dZ * X_hat.reshape(X.shape)).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))
    d = (dZ * g[:, None, None]).reshape(rows)
    dX = (d - d.mean(axis=2, keepdims=True) - X_hat * (d * X_hat).mean(axis=2, keepdims=True)) / std
    return dX.reshape(X.shape), dg, db

# %% groupnorm_backward: the variance divided by m - 1 -> values | dg
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    rows = (len(X), groups, -1)
    centred = X.reshape(rows) - X.reshape(rows).mean(axis=2, keepdims=True)
    std = np.sqrt(centred.var(axis=2, keepdims=True, ddof=1) + eps)
    X_hat = centred / std
    dg, db = (dZ * X_hat.reshape(X.shape)).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))
    d = (dZ * g[:, None, None]).reshape(rows)
    dX = (d - d.mean(axis=2, keepdims=True) - X_hat * (d * X_hat).mean(axis=2, keepdims=True)) / std
    return dX.reshape(X.shape), dg, db

# %% groupnorm_backward: sums instead of means -> values | dX
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    rows = (len(X), groups, -1)
    centred = X.reshape(rows) - X.reshape(rows).mean(axis=2, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=2, keepdims=True) + eps)
    X_hat = centred / std
    dg, db = (dZ * X_hat.reshape(X.shape)).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))
    d = (dZ * g[:, None, None]).reshape(rows)
    dX = (d - d.sum(axis=2, keepdims=True) - X_hat * (d * X_hat).sum(axis=2, keepdims=True)) / std
    return dX.reshape(X.shape), dg, db

# %% groupnorm_backward: dg with X instead of X_hat -> values | dg
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    rows = (len(X), groups, -1)
    centred = X.reshape(rows) - X.reshape(rows).mean(axis=2, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=2, keepdims=True) + eps)
    X_hat = centred / std
    dg, db = (dZ * X).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))
    d = (dZ * g[:, None, None]).reshape(rows)
    dX = (d - d.mean(axis=2, keepdims=True) - X_hat * (d * X_hat).mean(axis=2, keepdims=True)) / std
    return dX.reshape(X.shape), dg, db

# %% groupnorm_backward: every groups-th channel in a group, not neighbours -> values | with groups = 2
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    n, C, H, W = X.shape
    deal = lambda A: A.reshape(n, C // groups, groups, H, W).transpose(0, 2, 1, 3, 4).reshape(n, groups, -1)
    back = lambda A: A.reshape(n, groups, C // groups, H, W).transpose(0, 2, 1, 3, 4).reshape(X.shape)
    centred = deal(X) - deal(X).mean(axis=2, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=2, keepdims=True) + eps)
    X_hat = centred / std
    dg, db = (dZ * back(X_hat)).sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))
    d = deal(dZ * g[:, None, None])
    dX = (d - d.mean(axis=2, keepdims=True) - X_hat * (d * X_hat).mean(axis=2, keepdims=True)) / std
    return back(dX), dg, db

# %% groupnorm_backward: a bias for every pixel -> shape | db has shape (6, 5, 3)
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    return dZ, (dZ * X).sum(axis=0), dZ.sum(axis=0)

# %% groupnorm_backward: g times dZ along the wrong axis -> error | groupnorm_backward stopped with
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    return dZ * g, dZ.sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))

# %% groupnorm_backward: X centred in place -> contract | changes its input X
def groupnorm_backward(dZ, X, g, groups, eps=1e-5):
    X_rows = X.reshape(len(X), groups, -1)
    X_rows -= X_rows.mean(axis=2, keepdims=True)
    return dZ, dZ.sum(axis=(0, 2, 3)), dZ.sum(axis=(0, 2, 3))

# %% after_shift: convolution is always equivariant -> values | the experiment disagrees
def after_shift(layers, padding, shift, end):
    return "same" if end == "mean" else "moves"

# %% after_shift: only the border is forgotten -> values | 'zero', 1, 'map') says 'moves'
def after_shift(layers, padding, shift, end):
    step = np.prod([{"conv": 1, "conv/3": 3, "pool": 2}[name] for name in layers])
    if shift % step:
        return "changes"
    return "same" if end == "mean" else "moves"

# %% after_shift: the mean believed whatever the stride -> values | 'mean') says 'same'
def after_shift(layers, padding, shift, end):
    step = np.prod([{"conv": 1, "conv/3": 3, "pool": 2}[name] for name in layers])
    if end == "mean":
        return "same" if padding == "circular" else "changes"
    if shift % step:
        return "changes"
    return "moves" if padding == "circular" else "inside"

# %% after_shift: the mean believed although the border is disturbed -> values | 'zero', 1, 'mean') says 'same'
def after_shift(layers, padding, shift, end):
    step = np.prod([{"conv": 1, "conv/3": 3, "pool": 2}[name] for name in layers])
    if shift % step:
        return "changes"
    if end == "mean":
        return "same"
    return "moves" if padding == "circular" else "inside"

# %% after_shift: pooling makes invariant -> values | ('conv', 'pool'), 'circular', 1, 'map') says 'same'
def after_shift(layers, padding, shift, end):
    step = 3 ** layers.count("conv/3")
    if shift % step or (padding == "zero" and end == "mean"):
        return "changes"
    if end == "mean" or "pool" in layers:
        return "same"
    return "moves" if padding == "circular" else "inside"

# %% after_shift: pooling has no stride -> values | ('conv', 'pool')
def after_shift(layers, padding, shift, end):
    step = 3 ** layers.count("conv/3")
    if shift % step or (padding == "zero" and end == "mean"):
        return "changes"
    if end == "mean":
        return "same"
    return "moves" if padding == "circular" else "inside"

# %% after_shift: strides added, not multiplied -> values | the experiment disagrees
def after_shift(layers, padding, shift, end):
    step = max(1, sum({"conv": 0, "conv/3": 3, "pool": 2}[name] for name in layers))
    if shift % step or (padding == "zero" and end == "mean"):
        return "changes"
    if end == "mean":
        return "same"
    return "moves" if padding == "circular" else "inside"

# %% after_shift: even shifts suffice for any stride -> values | ('conv/3',), 'circular', 2, 'map') says 'moves'
def after_shift(layers, padding, shift, end):
    step = 2 if any(name != "conv" for name in layers) else 1
    if shift % step or (padding == "zero" and end == "mean"):
        return "changes"
    if end == "mean":
        return "same"
    return "moves" if padding == "circular" else "inside"

# %% after_shift: the largest stride counts, not the product -> values | ('conv/3', 'pool'), 'circular', 3, 'map') says 'moves'
def after_shift(layers, padding, shift, end):
    step = max({"conv": 1, "conv/3": 3, "pool": 2}[name] for name in layers)
    if shift % step or (padding == "zero" and end == "mean"):
        return "changes"
    if end == "mean":
        return "same"
    return "moves" if padding == "circular" else "inside"

# %% after_shift: zero padding spoils everything -> values | 'zero', 1, 'map') says 'changes'
def after_shift(layers, padding, shift, end):
    step = np.prod([{"conv": 1, "conv/3": 3, "pool": 2}[name] for name in layers])
    if shift % step or padding == "zero":
        return "changes"
    return "same" if end == "mean" else "moves"

# %% after_shift: any stride spoils it for all shifts -> values | ('conv', 'pool'), 'circular', 2, 'map') says 'changes'
def after_shift(layers, padding, shift, end):
    if layers.count("conv") < len(layers) or (padding == "zero" and end == "mean"):
        return "changes"
    if end == "mean":
        return "same"
    return "moves" if padding == "circular" else "inside"

# %% after_shift: invariance taken for equivariance -> values | says 'same'
def after_shift(layers, padding, shift, end):
    step = np.prod([{"conv": 1, "conv/3": 3, "pool": 2}[name] for name in layers])
    return "changes" if shift % step else "same"

# %% after_shift: a word of its own -> values | one of
def after_shift(layers, padding, shift, end):
    return "equivariant"

# %% bad_order: the order as it is -> values | still reads
def bad_order(y):
    return np.arange(len(y))

# %% bad_order: backwards -> values | still reads
def bad_order(y):
    return np.arange(len(y))[::-1].copy()

# %% bad_order: mixed -> values | still reads
def bad_order(y):
    return np.random.default_rng(0).permutation(len(y))

# %% bad_order: all kinds in every batch -> values | still reads
def bad_order(y):
    rank = np.array([np.sum(y[:i] == y[i]) for i in range(len(y))])
    return np.lexsort((y, rank))

# %% bad_order: even and odd digits apart -> values | still reads
def bad_order(y):
    return np.argsort(y % 2, kind="stable")

# %% bad_order: two kinds in every batch -> values | still reads
def bad_order(y):
    return np.argsort(y // 2, kind="stable")

# %% bad_order: the labels instead of the places -> values | exactly once
def bad_order(y):
    return np.sort(y)

# %% bad_order: one digit again and again -> values | exactly once
def bad_order(y):
    return np.zeros(len(y), dtype=int)

# %% bad_order: the ranks, not the order -> values | still reads
def bad_order(y):
    return np.argsort(np.argsort(y, kind="stable"))

# %% bad_order: the order of the validation digits by heart -> values | still reads
def bad_order(y):
    return np.argsort(y_val.numpy(), kind="stable")

# %% bad_order: batches instead of one order -> shape | order
def bad_order(y):
    return [np.flatnonzero(y == k) for k in range(10)]

# %% bad_order: the first batch only -> shape | order has shape (20,)
def bad_order(y):
    return np.argsort(y)[:20]

# %% bad_order: the labels sorted in place -> contract | changes its input y
def bad_order(y):
    order = np.argsort(y)
    y.sort()
    return order

# %% small_reader: untrained -> values | the first step is at 0.945
def small_reader(X, y):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))

# %% small_reader: too large -> values | 2500 are allowed
def small_reader(X, y):
    return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10))

# %% small_reader: the running means not counted -> values | the model holds 2516 numbers
def small_reader(X, y):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.BatchNorm1d(32, affine=False), nn.ReLU(), nn.Linear(32, 10),
                         nn.BatchNorm1d(10))

# %% small_reader: ten linear neurons -> values | the first step is at 0.945
def small_reader(X, y):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        F.cross_entropy(model(X), y).backward()
        optimizer.step()
    return model

# %% small_reader: zero_grad forgotten, and a large step -> values | the first step is at 0.945
def small_reader(X, y):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    for _ in range(40):
        F.cross_entropy(model(X), y).backward()
        optimizer.step()
    return model

# %% small_reader: pictures shuffled, labels not -> values | the first step is at 0.945
def small_reader(X, y):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    X = X[torch.randperm(len(X))]
    for _ in range(50):
        optimizer.zero_grad()
        F.cross_entropy(model(X), y).backward()
        optimizer.step()
    return model

# %% small_reader: batch statistics also while reading -> values | another answer than in a batch
def small_reader(X, y):
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 20),
                          nn.BatchNorm1d(20, track_running_stats=False), nn.ReLU(), nn.Linear(20, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(5):
        for rows in torch.randperm(len(X)).split(50):
            optimizer.zero_grad()
            F.cross_entropy(model(X[rows]), y[rows]).backward()
            optimizer.step()
    for module in model:
        module.forward = (lambda f: lambda A: f(torch.cat([A, 0 * A])) [: len(A)])(module.forward)
    return model

# %% small_reader: dropout left on while reading -> values | another answer than in a batch
def small_reader(X, y):
    class Noisy(nn.Module):
        def forward(self, A):
            return F.dropout(A, 0.7)

    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), Noisy(), nn.Linear(32, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        F.cross_entropy(model(X), y).backward()
        optimizer.step()
    return model

# %% small_reader: a function instead of a model -> values | return a model, an nn.Module
def small_reader(X, y):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    return lambda X_new: model(X_new)

# %% small_reader: labels instead of logits -> shape | model(X_val) has shape (1133,)
def small_reader(X, y):
    class Reader(nn.Sequential):
        def forward(self, A):
            return super().forward(A).argmax(dim=1)

    return Reader(nn.Flatten(), nn.Linear(64, 10))

# %% small_reader: two classes only -> shape | model(X_val) has shape (1133, 2)
def small_reader(X, y):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 2))

# %% small_reader: nothing returned -> shape | `return`
def small_reader(X, y):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))

# %% small_reader: a dense layer that does not fit -> error | mat1 and mat2 shapes
def small_reader(X, y):
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10))
    F.cross_entropy(model(X), y).backward()
    return model

# %% small_reader: the pictures centred in place -> contract | changes its input X
def small_reader(X, y):
    X -= X.mean(dim=0)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
