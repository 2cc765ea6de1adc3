"""State dicts in safetensors files. The library safetensors checks sizes and offsets."""

from __future__ import annotations

from .filling import SIZES, Array, as_float32, short


def is_safetensors(data: bytes) -> bool:
    """Whether a file begins with the length of a JSON object and the object, as safetensors files do."""
    return data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8


def tensors(data: bytes, what: str) -> dict[str, Array]:
    """All tensors of a file as float32, by name; a ValueError if it is damaged or holds other tensors than floats."""
    import safetensors

    try:
        found = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise ValueError(f"{what}: this is not a whole safetensors file: {str(error)[:300]}") from None
    made = {}
    for name, tensor in found:
        if tensor["dtype"] not in SIZES:
            raise ValueError(f"{what}: {short(name)} has the type {tensor['dtype']}; only {', '.join(SIZES)} are read")
        made[name] = as_float32(bytes(tensor["data"]), tensor["dtype"]).reshape(tensor["shape"])
    return made
