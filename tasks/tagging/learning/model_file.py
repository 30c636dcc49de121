"""A model as a file: numbers and a page of JSON in numpy's zip format, nothing that runs."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.articles.errors import KnowledgeError
from tasks.tagging.learning.model import TopicModel
from tasks.tagging.learning.terms import PLACES

_FORMAT = 1
# What reading numbers that were cut off, garbled or never there may raise.
_DAMAGED = (
    *(ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error),
)
_ARRAYS = (
    *("places", "rarity", "weights", "hint_weights"),
    *("bias", "adds_from", "removes_below"),
)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """Where a model lies, and which one is meant: what is handed to the worker processes."""

    path: Path
    version: str  # start of the SHA-256 of all that it holds, in hex


def find_model(path: Path) -> ModelFile | None:
    """Return the model that lies there, or None. Raises KnowledgeError for an unusable file."""
    if not path.exists():
        return None
    return ModelFile(path, model_version(_read(path)))


def read_model(file: ModelFile) -> TopicModel:
    """Read a model. Raises KnowledgeError when it cannot be used, or is another one by now."""
    model = _read(file.path)
    if model_version(model) != file.version:
        raise KnowledgeError(
            f"{file.path} was replaced after this run had begun; the next run uses the new one."
        )
    return model


def model_version(model: TopicModel) -> str:
    """Return the start of the SHA-256 of all that a model holds, in hex, e.g. ``3f9a02c4``."""
    digest = hashlib.sha256(_described(model))
    for name in _ARRAYS:
        digest.update(np.ascontiguousarray(getattr(model, name)).tobytes())
    return digest.hexdigest()[:8]


def write_model(model: TopicModel, path: Path) -> None:
    """Write a model into a file; the same model makes the same bytes. Raises OSError."""
    arrays: dict[str, NDArray[Any]] = {name: getattr(model, name) for name in _ARRAYS}
    described = np.frombuffer(_described(model), np.uint8)
    data = io.BytesIO()
    np.savez_compressed(data, described=described, **arrays)  # type: ignore[arg-type]
    path.write_bytes(data.getvalue())


def _described(model: TopicModel) -> bytes:
    said = {
        "format": _FORMAT,
        "topics": model.topics,
        "hints": model.hints,
        "languages": sorted(model.languages),
        "about": dict(model.about),
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False).encode()


def _read(path: Path) -> TopicModel:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            said: dict[str, Any] = json.loads(file["described"].tobytes())
            return _model(said, {name: file[name] for name in _ARRAYS})
    except _DAMAGED as error:
        raise KnowledgeError(
            f"{path} is no topic model that this version can use ({error}). `newsledger topics"
            " forget` removes it, `newsledger topics train` makes another."
        ) from error


def _model(said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> TopicModel:
    """Put a model together. Raises ValueError for parts that do not belong together."""
    if said["format"] != _FORMAT:
        raise ValueError(f"its format is {said['format']}")
    topics, places = len(said["topics"]), arrays["places"]
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(_ARRAYS, (topics,))
    shapes |= {"places": places.shape, "rarity": places.shape, "weights": (topics, *places.shape)}
    shapes["hint_weights"] = (topics, len(said["hints"]))
    for name, shape in shapes.items():
        kind = np.int32 if name == "places" else np.float32
        if arrays[name].shape != shape or arrays[name].dtype != kind:
            raise ValueError(f"{name} does not fit the rest")
    if places.size and not (places.ndim == 1 and 0 <= places.min() <= places.max() < PLACES):
        raise ValueError("places are out of bounds")
    return TopicModel(
        topics=tuple(said["topics"]),
        hints=tuple(said["hints"]),
        languages=frozenset(said["languages"]),
        about=dict(said["about"]),
        **arrays,
    )
