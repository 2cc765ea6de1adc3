"""Digits files as people have them: every packing in the small, made here, and what is refused."""

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import threading
import zipfile
import zlib

import numpy as np
import pytest

import sn89
from sn89.datasets import DataNotFoundError, load


@pytest.fixture(scope="module")
def drawn():
    return sn89.datasets.synthetic(300, 60)


@pytest.fixture(scope="module")
def parts(drawn):
    """Bytes as MNIST has them, 28x28: drawn digits with a margin."""
    found = []
    for X, y in drawn:
        bytes_ = np.rint((np.float64(X) + 1) * 127.5).astype(np.uint8)
        found += [np.pad(bytes_, ((0, 0), (6, 6), (6, 6))), y.astype(np.uint8)]
    return found


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def put(folder, contents):
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


MNIST = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def is_mnist(digits, parts):
    """Whether these are the digits of MNIST's files, to the last bit."""
    (X, y), (Xt, yt) = digits
    expected = (parts[0] / 127.5 - 1, parts[1], parts[2] / 127.5 - 1, parts[3])
    assert X.dtype == Xt.dtype == np.float32
    assert y.dtype == yt.dtype == np.int64
    for found, wanted in zip((X, y, Xt, yt), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    return True


# ---- IDX, by whatever names ------------------------------------------------------------------------------------------

LAYOUTS = {
    "as published": [f"{name}.gz" for name in MNIST],
    "unpacked": MNIST,
    "dotted": [name.replace("-idx", ".idx") for name in MNIST],
    "torchvision": [f"MNIST/raw/{name}" for name in MNIST],
    "Kaggle's folders": [f"{name}/{name}" for name in MNIST],
    "Fashion-MNIST": [f"FashionMNIST/raw/{name}.gz" for name in MNIST],
    "EMNIST": [f"gzip/emnist-digits-{name.replace('t10k', 'test')}.gz" for name in MNIST],
    "gzip without the name": MNIST,
    "the name without gzip": [f"{name}.gz" for name in MNIST],
    "bzip2": [f"{name}.bz2" for name in MNIST],
    "xz": [f"{name}.xz" for name in MNIST],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_idx_files(parts, layout, tmp_path):
    pack = {
        "gzip without the name": gzip.compress,
        "the name without gzip": bytes,
        "bzip2": bz2.compress,
        "xz": lzma.compress,
    }
    arrays = [one.swapaxes(1, 2) if layout == "EMNIST" and one.ndim == 3 else one for one in parts]
    names = LAYOUTS[layout]
    default = gzip.compress if names[0].endswith(".gz") else bytes
    contents = [pack.get(layout, default)(idx(one)) for one in arrays]
    put(tmp_path, dict(zip(names, contents, strict=True)))
    digits = load(tmp_path)
    assert is_mnist(digits, parts)
    assert any("levels from 0 (paper) to 255 (ink) became -1 to 1" in note for note in digits.notes)
    assert any("rows and columns are exchanged" in note for note in digits.notes) == (layout == "EMNIST")
    assert is_mnist(load(tmp_path / names[3]), parts)  # of any of the files, the others are found beside it


def test_sizes_and_scales(parts, tmp_path):
    put(tmp_path, {name: idx(one) for name, one in zip(MNIST, parts, strict=True)})
    (X, _), _ = digits = load(tmp_path, size=32)
    assert X.shape == (300, 32, 32)
    assert (float(X.min()), float(X.max())) == (np.float32(-0.1), np.float32(1.175))
    assert "images of 28x28 were resized to 32x32" in digits.notes
    assert load(tmp_path, size=16, scale=(0, 1)).train[0].shape == (300, 16, 16)
    with pytest.raises(ValueError, match="size must be 28, 16 or 32, not 20"):
        load(tmp_path, size=20)
    with pytest.raises(ValueError, match="scale must be two finite numbers"):
        load(tmp_path, scale=(1, 0))


def test_packed_and_unpacked_beside_each_other_and_an_empty_file(parts, tmp_path):
    """As torchvision leaves them, and a download that failed."""
    put(tmp_path, {name: idx(one) for name, one in zip(MNIST, parts, strict=True)})
    put(tmp_path, {f"{name}.gz": gzip.compress(idx(one)) for name, one in zip(MNIST[:3], parts, strict=False)})
    (tmp_path / f"{MNIST[3]}.gz").touch()
    (tmp_path / "mnist.csv").touch()
    assert is_mnist(load(tmp_path), parts)


def test_several_sets_in_a_folder(parts, tmp_path):
    for name in ("MNIST", "KMNIST"):
        put(tmp_path / name / "raw", {inner: idx(one) for inner, one in zip(MNIST, parts, strict=True)})
    with pytest.raises(ValueError, match=r"this folder has several sets of digits, KMNIST/raw/.*, MNIST/raw/"):
        load(tmp_path)
    assert is_mnist(load(tmp_path / "KMNIST"), parts)
    assert is_mnist(load(tmp_path / "KMNIST" / "raw" / MNIST[0]), parts)


def test_one_part_alone(parts, tmp_path):
    put(tmp_path, {name: idx(one) for name, one in zip(MNIST[2:], parts[2:], strict=True)})
    digits = load(tmp_path)
    assert (len(digits.train[0]), len(digits.test[0])) == (60, 0)
    assert "the only digits are called test digits; they are used for training" in digits.notes


@pytest.mark.parametrize("given", [None, True, False])
def test_transposed_as_is_seen_or_said(parts, given, tmp_path):
    """Ones that lie on their sides tell it, whatever the name is."""
    lying = [one.swapaxes(1, 2) if one.ndim == 3 else one for one in parts]
    put(tmp_path, {name: idx(one) for name, one in zip(MNIST, lying, strict=True)})
    X = load(tmp_path, transposed=given).train[0]
    expected = parts[0] if given is not False else lying[0]
    np.testing.assert_allclose(X, expected / 127.5 - 1, atol=1e-6)


def test_letters_are_transposed_by_the_name(tmp_path):
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (30, 28, 28)).astype(np.uint8), np.arange(1, 27).repeat(2)[:30]
    names = [f"emnist-letters-{name}" for name in MNIST[:2]]
    put(tmp_path, dict(zip(names, map(idx, (images, labels)), strict=True)))
    X, y = load(tmp_path / names[0]).train
    np.testing.assert_allclose(X, images.swapaxes(1, 2) / 127.5 - 1, atol=1e-6)
    assert y.tolist() == labels.tolist()


# ---- Text ------------------------------------------------------------------------------------------------------------


def csv(images, labels, names=None, last=False, separator=",", end="\n"):
    rows = images.reshape(len(images), -1)
    columns = [labels[:, None], rows] if not last else [rows, labels[:, None]]
    lines = [separator.join(f"{value:g}" for value in row) for row in np.hstack(columns)]
    return (end.join([*([names] if names else []), *lines]) + end).encode()


PIXELS = [f"pixel{i}" for i in range(784)]
TABLES = {
    "Kaggle": {"names": ",".join(["label", *PIXELS])},
    "OpenML": {"names": ",".join([*PIXELS, "class"]), "last": True},
    "pandas quotes": {"names": ",".join(f'"{name}"' for name in ["label", *PIXELS])},
    "no names": {},
    "no names, label last": {"last": True},
    "CRLF": {"end": "\r\n"},
    "semicolons": {"separator": ";"},
    "tabs": {"separator": "\t"},
    "blanks": {"separator": " "},
    "ARFF": {"names": "% MNIST\n@relation mnist\n@attribute pixel1 real\n@data", "last": True},
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_table(parts, kind, tmp_path):
    few = [one[:40] for one in parts]
    ending = b"" if kind == "CRLF" else b"\n\n  \n"  # an empty line, and blanks
    put(tmp_path, {"mnist_train.csv": csv(*few[:2], **TABLES[kind]) + ending})
    put(tmp_path, {"mnist_test.csv": csv(*few[2:], **TABLES[kind])})
    assert is_mnist(load(tmp_path), few)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_labels_without_a_name_are_found_beside_pixels_of_more_levels(tmp_path, first, separator):
    """As numpy.savetxt writes scikit-learn's digits: a corner of theirs has 17 levels, the labels have ten."""
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    columns = [digits.target[:, None], digits.data]
    np.savetxt(tmp_path / "digits.csv", np.hstack(columns if first else columns[::-1]), fmt="%d", delimiter=separator)
    images, labels = load(tmp_path / "digits.csv").train
    assert np.array_equal(labels, digits.target)
    assert images.shape == (1797, 8, 8)


def test_kaggles_test_digits_have_no_labels(parts, tmp_path):
    few = [one[:20] for one in parts]
    put(tmp_path, {"train.csv": csv(*few[:2], names=",".join(["label", *PIXELS]))})
    rows = few[2].reshape(20, -1)
    put(tmp_path, {"test.csv": csv(rows[:, 1:], rows[:, 0], ",".join(PIXELS))})
    digits = load(tmp_path)
    assert (len(digits.train[0]), len(digits.test[0])) == (20, 0)
    assert "test.csv/images: it has no labels and is left out" in digits.notes


def test_optdigits_have_levels_from_0_to_16(drawn, tmp_path):
    X, y = drawn.train
    small = np.rint((X.reshape(-1, 8, 2, 8, 2).mean(axis=(2, 4)) + 1) * 8)
    put(tmp_path, {"optdigits.tra": csv(small, y, last=True), "optdigits.tes": csv(small[:50], y[:50], last=True)})
    digits = load(tmp_path)
    np.testing.assert_allclose(digits.train[0], small / 8 - 1, atol=1e-6)
    assert digits.train[1].tolist() == y.tolist()
    assert len(digits.test[1]) == 50
    assert any("levels from 0 (paper) to 16 (ink)" in note for note in digits.notes)


def libsvm(images, labels):
    rows = images.reshape(len(images), -1)
    lines = [
        f"{label} " + " ".join(f"{i + 1}:{row[i]:.6f}" for i in np.flatnonzero(row))
        for label, row in zip(labels, rows, strict=True)
    ]
    return ("\n".join(lines) + "\n").encode()


def test_libsvm_unpacked_and_smoothed(drawn, tmp_path):
    """The published files of USPS are smoothed, and their labels are larger by 1."""
    from sn89.datasets.usps import smoothed

    for name, (X, y) in zip(("usps", "usps.t"), drawn, strict=True):
        put(tmp_path, {name: libsvm(smoothed(X), y + 1)})
    digits = load(tmp_path)
    assert "the smoothing of LIBSVM's USPS was undone" in digits.notes
    assert "labels 1 to 10 are the digits 0 to 9, as the images show" in digits.notes
    for (X, y), (found, labels) in zip(drawn, digits, strict=True):
        np.testing.assert_array_equal(found, X)
        assert labels.tolist() == y.tolist()


def test_libsvm_of_another_size(parts, tmp_path):
    put(tmp_path, {"mnist.scale.bz2": bz2.compress(libsvm(parts[0][:50] / 255, parts[1][:50]))})
    X, y = load(tmp_path).train
    np.testing.assert_allclose(X[:, :26, :26].mean(), (parts[0][:50] / 127.5 - 1)[:, :26, :26].mean(), atol=0.2)
    assert y.tolist() == parts[1][:50].tolist()
    assert X.shape[1] == X.shape[2]


# ---- NumPy, MATLAB, HDF5, archives -----------------------------------------------------------------------------------


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def test_keras_and_our_own_npz(parts, drawn, tmp_path):
    x, y, xt, yt = parts
    put(tmp_path / "keras", {"mnist.npz": npz(x_train=x, y_train=y, x_test=xt, y_test=yt)})
    assert is_mnist(load(tmp_path / "keras"), parts)
    (X, labels), (Xt, test_labels) = drawn
    put(tmp_path, {"few.npz": npz(X=X, y=labels, Xt=Xt, yt=test_labels)})
    digits = load(tmp_path / "few.npz")
    np.testing.assert_array_equal(digits.train[0], X)
    np.testing.assert_array_equal(digits.test[0], Xt)
    assert "levels go from -1 (paper) to 1 (ink)" in digits.notes


@pytest.mark.parametrize("shape", [(300, 1, 28, 28), (300, 28, 28, 1), (300, 784), (784, 300), (28, 28, 300)])
def test_every_order_of_axes(parts, shape, tmp_path):
    x, y = parts[:2]
    array = {784: x.reshape(300, -1).T, 28: np.moveaxis(x, 0, 2)}.get(shape[0])
    put(tmp_path, {"one.npz": npz(images=x.reshape(shape) if array is None else array, labels=y)})
    np.testing.assert_allclose(load(tmp_path / "one.npz").train[0], x / 127.5 - 1, atol=1e-6)


def test_kmnist_in_files_of_one_array_each(parts, tmp_path):
    names = ("kmnist-train-imgs.npz", "kmnist-train-labels.npz", "kmnist-test-imgs.npz", "kmnist-test-labels.npz")
    put(tmp_path, {name: npz(arr_0=one) for name, one in zip(names, parts, strict=True)})
    assert is_mnist(load(tmp_path), parts)


def test_dark_ink_on_light_paper_is_turned_round(parts, tmp_path):
    put(tmp_path, {"dark.npz": npz(X=255 - parts[0], y=parts[1])})
    digits = load(tmp_path)
    np.testing.assert_allclose(digits.train[0], parts[0] / 127.5 - 1, atol=1e-6)
    assert any("levels from 255 (paper) to 0 (ink)" in note for note in digits.notes)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.4242, 2.8215)])
def test_floats_of_other_ranges(parts, low, high, tmp_path):
    """As in usps.h5, and as torchvision's usual normalisation leaves MNIST."""
    x = low + (high - low) * parts[0] / 255
    put(tmp_path, {"floats.npz": npz(X=x, y=parts[1])})
    np.testing.assert_allclose(load(tmp_path).train[0], parts[0] / 127.5 - 1, atol=1e-6)
    X = load(tmp_path, size=16).train[0]
    put(tmp_path / "bytes", {"bytes.npz": npz(X=parts[0], y=parts[1])})
    np.testing.assert_array_equal(X, load(tmp_path / "bytes", size=16).train[0])


def mat(**arrays):
    io_ = pytest.importorskip("scipy.io")
    file = io.BytesIO()
    io_.savemat(file, arrays, do_compression=True)
    return file.getvalue()


def test_usps_mat_of_9298_rows(drawn, tmp_path):
    """The arrays are fea and gnd, where 1 is the digit 0."""
    X, y = drawn.train
    put(tmp_path, {"USPS.mat": mat(fea=X.reshape(300, 256).astype(float), gnd=(y + 1)[:, None])})
    digits = load(tmp_path / "USPS.mat")
    np.testing.assert_array_equal(digits.train[0], X)
    assert digits.train[1].tolist() == y.tolist()


def test_a_mat_where_10_is_the_digit_0_in_columns(drawn, tmp_path):
    """As in a well-known course on machine learning: X by columns of each image, y from 1 to 10."""
    X, y = drawn.train
    labels = np.where(y == 0, 10, y)
    put(tmp_path, {"ex3data1.mat": mat(X=X.swapaxes(1, 2).reshape(300, 256).astype(float), y=labels[:, None])})
    digits = load(tmp_path)
    np.testing.assert_array_equal(digits.train[0], X)
    assert digits.train[1].tolist() == y.tolist()
    assert "label 10 is the digit 0, as the images show" in digits.notes


def test_usps_resampled_mat(drawn, tmp_path):
    (X, y), (Xt, yt) = drawn
    rows = {"train_patterns": X.reshape(300, 256).T.astype(float), "test_patterns": Xt.reshape(60, 256).T.astype(float)}
    coded = {"train_labels": 2.0 * np.eye(10)[y].T - 1, "test_labels": 2.0 * np.eye(10)[yt].T - 1}
    put(tmp_path, {"usps_resampled.mat": mat(**rows, **coded)})
    for (found, labels), (images, wanted) in zip(load(tmp_path), drawn, strict=True):
        np.testing.assert_array_equal(found, images)
        assert labels.tolist() == wanted.tolist()


def test_usps_all_mat(drawn, tmp_path):
    """One array, pixels by digits by classes, in which the last class is the digit 0, by columns of each image."""
    X, y = drawn.train
    count = min(int((y == digit).sum()) for digit in range(10))
    assert count >= 10
    classes = [np.rint(127.5 * (X[y == digit][:count].astype(float) + 1)) for digit in (*range(1, 10), 0)]
    data = np.stack([one.swapaxes(1, 2).reshape(count, 256).T for one in classes], axis=2).astype(np.uint8)
    assert data.shape == (256, count, 10)
    put(tmp_path, {"usps_all.mat": mat(data=data)})
    digits = load(tmp_path)
    assert digits.train[1].tolist() == np.repeat([*range(1, 10), 0], count).tolist()
    np.testing.assert_allclose(digits.train[0][:count], classes[0] / 127.5 - 1, atol=1e-6)


def test_structures_of_matlab_are_refused(tmp_path):
    put(tmp_path, {"emnist.mat": mat(dataset={"train": {"images": np.zeros((2, 784)), "labels": np.zeros(2)}})})
    with pytest.raises(ValueError, match=r"emnist.mat: it has no numeric arrays but only structures"):
        load(tmp_path)


def h5(path, **arrays):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name.replace("__", "/"), data=array, compression="gzip")


def test_usps_h5(drawn, tmp_path):
    (X, y), (Xt, yt) = drawn
    flat = [(one.reshape(len(one), 256) + 1) / 2 for one in (X, Xt)]
    h5(tmp_path / "usps.h5", train__data=flat[0], train__target=y, test__data=flat[1], test__target=yt)
    digits = load(tmp_path)
    for (found, labels), (images, wanted) in zip(digits, drawn, strict=True):
        np.testing.assert_allclose(found, images, atol=1e-6)
        assert labels.tolist() == wanted.tolist()
    assert any("levels from 0 (paper) to 1 (ink)" in note for note in digits.notes)


def test_h5_reads_nothing_outside_of_the_file(drawn, tmp_path):
    h5py = pytest.importorskip("h5py")
    (tmp_path / "secret").write_bytes(bytes(800))
    with h5py.File(tmp_path / "one.h5", "w") as file:
        file["X"] = drawn.train[0]
        file["y"] = drawn.train[1]
        file.create_dataset("labels", (100,), "f8", external=[(str(tmp_path / "secret"), 0, 800)])
        file["other"] = h5py.ExternalLink("secret", "/")
    assert len(load(tmp_path / "one.h5").train[0]) == 300
    with h5py.File(tmp_path / "one.h5", "a") as file:
        file["round"] = file["/"]
    with pytest.raises(ValueError, match="it has more than 1000 objects"):
        load(tmp_path / "one.h5")


def test_an_archive_of_files(parts, tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in zip(MNIST, parts, strict=True):
            archive.writestr(f"archive/{name}.gz", gzip.compress(idx(one)))
        archive.writestr("archive/README.md", "what this is")
        archive.writestr("__MACOSX/._x", "nothing")
    put(tmp_path, {"archive.zip": file.getvalue()})
    assert is_mnist(load(tmp_path), parts)


def test_kaggles_archive_of_tables(parts, tmp_path):
    few, file = [one[:20] for one in parts], io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mnist_train.csv", csv(*few[:2]))
        archive.writestr("mnist_test.csv", csv(*few[2:]))
    put(tmp_path, {"archive.zip": file.getvalue()})
    assert is_mnist(load(tmp_path / "archive.zip"), few)


# ---- Files of strangers ----------------------------------------------------------------------------------------------


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def png(image, **how):
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, **{"format": "PNG", **how})
    return file.getvalue()


@pytest.fixture(scope="module")
def few(parts):
    return [one[:20] for one in parts]


FOUR = {
    "free names": ("my-images.idx3-ubyte", "my-labels.idx1-ubyte"),
    "any pair": ("digits.ubyte", "answers.ubyte"),
    "no ending": ("pictures", "what-they-are"),
    "X and y": ("X.npy", "y.npy"),
    "data and target": ("data.npy", "target.npy"),
    "X_train": ("X_train.npy", "y_train.npy", "X_test.npy", "y_test.npy"),
    "x_train in folders": ("train/x.npy", "train/y.npy", "test/x.npy", "test/y.npy"),
    "trainX": ("trainX.npy", "trainY.npy", "testX.npy", "testY.npy"),
    "train_images": ("train_images.npy", "train_labels.npy", "test_images.npy", "test_labels.npy"),
    "train_x of IDX": ("train_x.idx3-ubyte", "train_y.idx1-ubyte", "test_x.idx3-ubyte", "test_y.idx1-ubyte"),
}


@pytest.mark.parametrize("kind", FOUR)
def test_images_and_labels_in_files_of_their_own(few, kind, tmp_path):
    names = FOUR[kind]
    write = npy if names[0].endswith(".npy") else idx
    put(tmp_path, {name: write(one) for name, one in zip(names, few, strict=False)})
    (tmp_path / "read me.txt").write_text("what this is")
    for path in (tmp_path, *(tmp_path / name for name in names)):
        digits = load(path)
        if len(names) == 4:
            assert is_mnist(digits, few)
        np.testing.assert_allclose(digits.train[0], few[0] / 127.5 - 1, atol=1e-6)
        assert digits.train[1].tolist() == few[1].tolist()


def test_one_npz_of_text_labels_and_of_the_same_images_twice(few, tmp_path):
    """fetch_openml's labels are text; scikit-learn's digits have data and images, which are the same."""
    flat = few[0].reshape(20, -1)
    put(tmp_path, {"a.npz": npz(data=flat, images=few[0], target=few[1].astype(str))})
    X, y = load(tmp_path / "a.npz").train
    np.testing.assert_allclose(X, few[0] / 127.5 - 1, atol=1e-6)
    assert y.tolist() == few[1].tolist()


def table(few, index=None, separator=",", decimal=".", names=True, last=False, numbers=False, quote=""):
    """Digits as pandas, R and Excel write them, with levels from 0 to 1 where a decimal is to be seen."""
    lines, flat = list[str](), few[0].reshape(20, -1)
    heads = [f"{quote}pixel{i}{quote}" for i in range(784)]
    if names:
        heads = [*heads, "label"] if last else ["label", *heads]
        lines.append(separator.join(map(str, range(785))) if numbers else separator.join(heads))
        if index is not None:
            lines[0] = f"{index}{separator}{lines[0]}" if index != "R" else lines[0]
    for i, (row, label) in enumerate(zip(flat, few[1], strict=True)):
        levels = [f"{level / 255:.6f}".replace(".", decimal) if decimal == "," else str(level) for level in row]
        cells = [*levels, str(label)] if last else [f"{quote}{label}{quote}", *levels]
        lines.append(separator.join(cells if index is None else [f"{quote}{i}{quote}", *cells]))
    return "\n".join(lines) + "\n"


STRANGERS = {
    "pandas with its index": ({"index": ""}, "utf-8"),
    "pandas twice": ({"index": "Unnamed: 0"}, "utf-8"),
    "an id, label last": ({"index": "id", "last": True}, "utf-8"),
    "an index without names": ({"index": "", "names": False}, "utf-8"),
    "columns that are numbered": ({"numbers": True}, "utf-8"),
    "R's write.csv": ({"index": '""', "quote": '"'}, "utf-8"),
    "R's write.table": ({"index": "R", "quote": '"', "separator": " "}, "utf-8"),
    "Excel in Europe": ({"separator": ";", "decimal": ","}, "utf-8-sig"),
    "Excel in Europe, no names": ({"separator": ";", "decimal": ",", "names": False}, "utf-8"),
    "tabs and decimal commas": ({"separator": "\t", "decimal": ",", "last": True}, "utf-8"),
    "tabs and an index": ({"separator": "\t", "index": ""}, "utf-8"),
    "Excel's Unicode text": ({"separator": "\t"}, "utf-16"),
    "Excel on an old Mac": ({}, "mac"),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_every_table_of_strangers(few, kind, tmp_path):
    how, encoding = STRANGERS[kind]
    text = table(few, **how)
    content = text.replace("\n", "\r").encode() if encoding == "mac" else text.encode(encoding)
    put(tmp_path, {"digits.tsv" if how.get("separator") == "\t" else "digits.csv": content})
    X, y = load(tmp_path).train
    np.testing.assert_allclose(X, few[0] / 127.5 - 1, atol=1e-5)
    assert y.tolist() == few[1].tolist()


def test_a_table_of_images_and_one_of_labels(few, tmp_path):
    flat = few[0].reshape(20, -1)
    rows = "\n".join(",".join(map(str, [i, *row])) for i, row in enumerate(flat))
    put(tmp_path, {"X_train.csv": f",{','.join(PIXELS)}\n{rows}\n".encode()})
    put(tmp_path, {"y_train.csv": (",label\n" + "".join(f"{i},{one}\n" for i, one in enumerate(few[1]))).encode()})
    X, y = load(tmp_path).train
    np.testing.assert_allclose(X, few[0] / 127.5 - 1, atol=1e-6)
    assert y.tolist() == few[1].tolist()


def test_arrays_of_one_class_each_in_turn(few, tmp_path):
    """As in a well-known mnist_all.mat: train0 to train9, test0 to test9."""
    flat, y = few[0].reshape(20, -1), few[1]
    arrays = {f"{part}{digit}": flat[y == digit] for part in ("train", "test") for digit in range(10)}
    put(tmp_path, {"mnist_all.npz": npz(**arrays)})
    digits = load(tmp_path / "mnist_all.npz")
    number = [sum(y[:i] == y[i]) for i in range(20)]
    turn = np.lexsort((y, number))
    for X, labels in digits:
        np.testing.assert_allclose(X, few[0][turn] / 127.5 - 1, atol=1e-6)
        assert labels.tolist() == y[turn].tolist()


def test_idx_of_other_numbers(few, tmp_path):
    """QMNIST's labels are rows of whole numbers, of which the first is the digit."""
    labels = np.column_stack([few[1], np.arange(20 * 7).reshape(20, 7)]).astype(">i4")
    put(tmp_path, {"qmnist-train-images-idx3-ubyte": idx(few[0])})
    put(tmp_path, {"qmnist-train-labels-idx2-int": b"\0\0\x0c\2" + bytes([0, 0, 0, 20, 0, 0, 0, 8]) + labels.tobytes()})
    assert load(tmp_path).train[1].tolist() == few[1].tolist()


def test_libsvm_as_scikit_learn_writes_it(few, tmp_path):
    sklearn = pytest.importorskip("sklearn.datasets")
    for zero in (True, False):
        path = tmp_path / f"{zero}.svm"
        rows = few[0].reshape(20, -1).astype(float)
        sklearn.dump_svmlight_file(rows, few[1].astype(float), str(path), zero_based=zero, comment="digits")
        np.testing.assert_allclose(load(path).train[0], few[0] / 127.5 - 1, atol=1e-6)


# ---- Pictures in folders ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["0 to 9", "train and test", "words"])
def test_a_folder_for_each_digit(few, layout, tmp_path):
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    for part, images, labels in (("train", *few[:2]), ("test", *few[2:])):
        if layout != "train and test" and part == "test":
            continue
        for i, (image, label) in enumerate(zip(images, labels, strict=True)):
            name = words[label] if layout == "words" else f"{label}"
            above = f"{part}/" if layout == "train and test" else ""
            put(tmp_path, {f"{above}{name}/{i:03}.png": png(image)})
    digits = load(tmp_path)
    for X, y, images, labels in ((*digits.train, *few[:2]), (*digits.test, *few[2:])):
        if not len(y):
            assert layout != "train and test"
            continue
        number = [sum(labels[:i] == labels[i]) for i in range(20)]
        turn = np.lexsort((labels, number))  # not class after class, which nobody can learn from
        np.testing.assert_allclose(X, images[turn] / 127.5 - 1, atol=1e-6)
        assert y.tolist() == labels[turn].tolist()
    assert digits.notes[0] == "pictures in a folder for each digit, taken from each in turn"
    assert "levels from 0 (paper) to 255 (ink) became -1 to 1" in digits.notes


@pytest.mark.parametrize("head", ["filename,label", "id;image;class", "", "picture\tdigit"])
def test_pictures_and_a_table_of_their_labels(few, head, tmp_path):
    separator = next((one for one in ",;\t" if one in head), ",")
    lines = [head] if head else []
    for i, (image, label) in enumerate(zip(*few[:2], strict=True)):
        put(tmp_path, {f"images/img{i}.png": png(np.dstack([image] * 3))})
        name = f"images/img{i}.png" if i % 2 else f"img{i}"
        lines.append(separator.join([f"{i}"] * head.startswith("id") + [name, f"{label}"]))
    put(tmp_path, {"labels.csv": "\n".join(lines).encode(), "sample_submission.csv": b"id,label\n0,0\n"})
    X, y = load(tmp_path).train
    np.testing.assert_allclose(X, few[0] / 127.5 - 1, atol=1e-6)
    assert y.tolist() == few[1].tolist()


def test_pictures_of_which_it_cannot_be_told(few, tmp_path):
    put(tmp_path / "a", {"7_1.png": png(few[0][0])})
    with pytest.raises(ValueError, match=r"there are 1 pictures .* 7_1.png, but no labels: .* a file labels.csv"):
        load(tmp_path / "a")
    put(tmp_path / "b", {"0/1.png": png(few[0][0]), "Sample3/1.png": png(few[0][0])})
    with pytest.raises(ValueError, match="are named by a digit, but 'Sample3' is not: name it 0 to 9"):
        load(tmp_path / "b")
    put(tmp_path / "c", {"0/1.png": png(few[0][0]), "1/1.png": png(few[0][0][1:])})
    with pytest.raises(
        ValueError, match=r"0/1.png and 1/1.png have different sizes, 28x28 and 27x28: .*sn89.size_normalize"
    ):
        load(tmp_path / "c")
    put(tmp_path / "d", {"0.png": png(few[0][0]), "labels.csv": b"0.png,1\n../../x.png,2\n"})
    with pytest.raises(ValueError, match=r"it names a picture '../../x.png' that is not in its folder"):
        load(tmp_path / "d")
    put(tmp_path / "e", {"0.png": png(few[0][0]), "labels.csv": b"name,size\n0.png,large\n"})
    with pytest.raises(ValueError, match="it names pictures but has no column of labels"):
        load(tmp_path / "e")
    put(tmp_path / "f", {"0/1.png": png(few[0][0])})
    with pytest.raises(ValueError, match=r"more than the limit|more pixels|at most"):
        load(tmp_path / "f", limit=100)
    put(tmp_path / "g", {"digits.parquet": b"PAR1" + bytes(20)})
    with pytest.raises(DataNotFoundError, match=r"digits.parquet: it is a Parquet file, which sn89 does not read"):
        load(tmp_path / "g")


def test_pictures_beside_digits_are_there_for_something_else(few, tmp_path):
    put(tmp_path, {"plot.png": png(few[0][0]), "digits.csv": table(few).encode()})
    assert len(load(tmp_path).train[0]) == 20


# ---- What is refused -------------------------------------------------------------------------------------------------


def zipped(name, content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def tar():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return file.getvalue()


CUBE = np.eye(16).reshape(16, 4, 4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b"PAR1" + bytes(20),
            "it is a Parquet file, which sn89 does not read: open it with pandas.read_parquet, and .* numpy.savez",
        ),
        (b"\x80\x04\x95" + bytes(20), "it is a pickle, which can run any program"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "it is a picture: sn89.pictures.load reads it"),
        (b"ARROW1\0\0" + bytes(20), "it is an Arrow file, which sn89 does not read: use datasets.load_from_disk"),
        (gzip.compress(b"RDX3\nX" + bytes(20), mtime=0), r"it is a file of R: .* write.csv"),
        (b'{"images": []}' + bytes(20), "it is JSON, which sn89 does not read: .* numpy.savez"),
        (b"# Created by Octave\n# name: X\n", "it is text of Octave: .* save -v7"),
        (zipped("mnist/data.pkl", b"x"), r"it is a file of torch.save, a pickle, .*X=images.numpy\(\)"),
        (zipped("xl/workbook.xml", b"x"), "it is an Excel workbook, which sn89 does not read: save the sheet as CSV"),
        (
            b"label,a0,a1,a2,a3,fold\n1,2,3,4,5,6\n",
            "besides the label in column 'label' it has 5 columns, .*: leave out 'fold'",
        ),
        (b"label,a0,a1,a2,a3\n1,2,,4,5\n", "line 2: column 3 is empty"),
        (b"img.png,7\n", "it is empty"),
        (b"a,b\nimg.png,7\n", "line 2: 'img.png' is not a number but the name of a picture: give the folder"),
        (npz(X=CUBE, y=np.array(["five"] * 16)), "its array holds text that is not a number, such as 'five'"),
        (
            npz(X=CUBE),
            r"it has no images with labels but only one.npz/X \(16, 4, 4\). A file of labels is found",
        ),
        (tar(), "it is a tar archive: unpack it first"),
        (b"\1\2\0\3", "its format is not known"),
        (b"hello\n", "it is empty|is not a number"),
        (b"1,2,3\n", "it has 3 columns, expected a label and the pixels of a square image"),
        (b"PK\3\4" + bytes(40), "it is not a whole archive"),
        (npz(**{"X" * 5000: np.eye(16)}).replace(b"X" * 5000, b"Z" * 5000, 1), "it is not a whole archive: .{1,200}$"),
        (npz(X=np.zeros((3, 4, 4))), "it has no images with labels"),
        (npz(X=np.zeros((3, 4, 4)), y=np.zeros(2)), "there are 3 images, but 2 labels"),
        (npz(X=np.zeros((3, 4, 4)), y=np.zeros(3)), "the images show nothing"),
        (npz(X=np.full((3, 4, 4), np.nan), y=np.zeros(3)), "images must be finite"),
        (npz(X=np.zeros((3, 4, 4, 3)), y=np.zeros(3)), "images must be grey"),
        (npz(X=np.eye(16).reshape(16, 4, 4), y=np.full(16, 0.5)), "labels must be whole numbers"),
        (npz(X=np.eye(16).reshape(16, 4, 4), y=np.full(16, -1)), "labels must be 0 or more"),
        (npz(X=np.array([{}], object), y=np.zeros(1)), "its array holds Python objects, a pickle, .* y.astype"),
        (
            npz(a=CUBE, b=2 * CUBE, y=np.zeros(16)),
            r"not clear: .*a \(16, 4, 4\), .*b .*: name them X_train|name them X_train",
        ),
        (b"MATLAB 5.0" + bytes(20), "it is not a whole MATLAB file|no numeric arrays"),
    ],
)
def test_what_is_refused(content, words, tmp_path):
    put(tmp_path, {"one.npz": content})
    with pytest.raises(ValueError, match=rf"one.npz: .*({words})"):
        load(tmp_path / "one.npz")


def test_what_is_not_there(tmp_path):
    with pytest.raises(DataNotFoundError, match="there is no such file or folder"):
        load(tmp_path / "none")
    with pytest.raises(DataNotFoundError, match=r"no files of digits in this folder, nor in folders below it$"):
        load(tmp_path)
    (tmp_path / "mine.txt").write_text("1 2 3")
    with pytest.raises(DataNotFoundError, match=r"it has mine.txt: if one of them holds digits, name the file itself$"):
        load(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    told = []

    def look():
        with pytest.raises(ValueError, match="it is not a regular file"):
            load(tmp_path / "pipe.npz")
        told.append(True)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join()
    assert told == [True]


# ---- Bombs -----------------------------------------------------------------------------------------------------------


def deflated(unit, times):
    """A gzip file of a unit of content many times over."""
    packer, out = zlib.compressobj(9, zlib.DEFLATED, 31), []
    for _ in range(times):
        out.append(packer.compress(unit))
    return b"".join([*out, packer.flush()])


def npy_head(shape):
    head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head


LIMIT = 2**20
BOMBS = {
    "lines of a label": lambda: bz2.compress(b"1\n" * 2**20),
    "lines of one level": lambda: bz2.compress(b"1 1:1\n" * 2**20),
    "levels far apart": lambda: b"1 65536:1\n" * 500,
    "rows": lambda: deflated(b" ".join([b"1"] * 257) + b"\n", 2**12),
    "one line": lambda: deflated(b"1 " * 2**15, 64),
    "blank lines": lambda: deflated(b"\n" * 2**15, 64),
    "zeros": lambda: deflated(bytes(2**16), 64),
    "idx": lambda: b"\0\0\x08\3" + b"\xff" * 12,
    "idx that goes on": lambda: deflated(idx(np.zeros((4, 28, 28))) + bytes(2**20), 8),
    "npy": lambda: npy_head((2**40,)),
    "npy of many sides": lambda: npy_head((2**31,) * 8),
    "npz": lambda: zipped("X.npy", npy_head((2**30,))),
    "zip": lambda: zipped("train-images-idx3-ubyte", idx(np.zeros((2000, 28, 28)))),
    "gzip in zip": lambda: zipped("a.csv", deflated(b"1,1,1,1,1\n" * 2**12, 64)),
    "mat": lambda: mat(X=np.zeros((2000, 784))),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_end_at_the_limit(kind, tmp_path):
    import tracemalloc

    put(tmp_path, {"bomb.npz": BOMBS[kind]()})
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"bomb.npz: "):
            load(tmp_path / "bomb.npz", limit=LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 8 * LIMIT
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_damaged_compression(pack, parts, tmp_path):
    content = pack(idx(parts[0]))
    put(tmp_path, {"train-images-idx3-ubyte": content[: len(content) // 2], MNIST[1]: idx(parts[1])})
    with pytest.raises(ValueError, match="train-images-idx3-ubyte: it cannot be decompressed"):
        load(tmp_path)


def test_damaged_files_raise_what_is_stated(parts, drawn, tmp_path):
    few = [one[:5] for one in parts]
    random = np.random.default_rng(2)
    whole = {
        "a.npz": npz(X=few[0], y=few[1]),
        "b.mat": mat(X=few[0].reshape(5, -1), y=few[1]),
        "c.csv": csv(*few[:2]),
        "d.zip": zipped("a.csv", csv(*few[:2])),
    }
    for name, content in whole.items():
        for _ in range(25):
            damaged = bytearray(content[: random.integers(len(content) // 2, len(content) + 1)])
            for where in random.integers(0, min(len(damaged), 400), random.integers(0, 5)):
                damaged[where] = random.integers(256)
            (tmp_path / name).write_bytes(damaged)
            try:
                load(tmp_path / name)
            except ValueError as error:
                assert name in str(error)  # noqa: PT017
