"""State dicts in files of safetensors; the library checks that sizes and places are as they should be."""

from __future__ import annotations

from .filling import SIZES, Array, as_float32, short


def is_safetensors(data: bytes) -> bool:
    """Whether a file begins as these do: with the length of a JSON object, and it."""
    return data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8


def tensors(data: bytes, what: str) -> dict[str, Array]:
    """All tensors of a file, float32, by name.

    Raises
    ------
    ValueError
        If the file is not whole, or holds anything but tensors of numbers with a point.
    """
    import safetensors

    try:
        found = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise ValueError(f"{what}: not a whole file of safetensors: {str(error)[:300]}") from None
    made = {}
    for name, told in found:
        if told["dtype"] not in SIZES:
            raise ValueError(f"{what}: {short(name)} is of {told['dtype']}; only {', '.join(SIZES)} are read")
        made[name] = as_float32(bytes(told["data"]), told["dtype"]).reshape(told["shape"])
    return made
