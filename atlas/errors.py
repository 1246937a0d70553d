"""Every error that the atlas raises on purpose.

::

    AtlasError
    ├── DayError             a day that the calendar does not have
    ├── LayerNotFound        no such folder under layers/
    ├── EditionNotFound      the layer has no such edition (or none by that day)
    ├── FeatureNotFound      no such feature id in the layer
    ├── VersionNotFound      no such plan version of the feature
    ├── StyleNotFound        no such file of looks under cartography/styles/
    ├── ClassMissing         a row that no class of its layer's style takes
    ├── WrongKind            rows asked of a raster, or cells of a layer of features
    ├── FileDamaged          a file that cannot be read as what it should be
    ├── KeyRepeated          two rows of one state with the same key
    ├── DiffMismatch         a diff applied to a state that it does not start from
    ├── HashMismatch         bytes that differ from what the record says
    ├── SchemaError          rows that break a layer's rules; holds all problems
    ├── StoreBusy            another publisher holds the layer
    ├── StoreDamaged         a broken chain of events
    ├── PublishRefused       an edition that may not be published as asked
    ├── WriteFailed          the disk refused; nothing was half-written
    ├── ClusterFailed        a Dask cluster that cannot be reached or gave up
    ├── AssetsMissing        the browser assets were not installed
    ├── OnlineAddress        a map that would reach for the network
    └── SourceError          an input of `make layers` is missing or changed

Each class holds its English sentence; ``atlas/locale/<lang>.toml`` holds the others
under ``[error]``, with the same fields. Nothing in the atlas catches these except the
command line and the frame of the app, which show them once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Problem:
    """One broken rule: where it is and what is wrong, with the way out in the message."""

    layer: str
    edition: int | None
    feature: str | None
    rule: str
    message: str

    def __str__(self) -> str:
        where = " ".join(
            part
            for part in (
                self.layer,
                f"edition {self.edition}" if self.edition is not None else "",
                f"feature {self.feature}" if self.feature else "",
            )
            if part
        )
        return f"{where}: [{self.rule}] {self.message}"


class AtlasError(Exception):
    """Base of all errors raised on purpose; ``values`` fill the sentence."""

    sentence: ClassVar[str] = "{problem}"

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.sentence.format(**values))

    def __reduce__(self) -> tuple[Callable[..., AtlasError], tuple[object, ...], dict[str, object]]:
        """How an error travels from a worker of a cluster: with its sentence and its values."""
        return _travelled, (type(self), self.args), self.__dict__


def _travelled(kind: type[AtlasError], arguments: tuple[object, ...]) -> AtlasError:
    error = kind.__new__(kind)
    error.args = arguments
    return error


class DayError(AtlasError):
    """A text that is not a day of the calendar."""

    sentence = "'{text}' is not a day: write YYYY-MM-DD, for example 2019-12-01"


class LayerNotFound(AtlasError):
    """A layer id without a folder."""

    sentence = "no layer '{layer}' in {folder}; there are: {known}"


class EditionNotFound(AtlasError):
    """An edition that was never published, was withdrawn, or came later than asked."""

    sentence = "layer '{layer}' has no edition {wanted}; it has: {known}"


class FeatureNotFound(AtlasError):
    """A feature id that no row of the layer carries."""

    sentence = "layer '{layer}', edition {edition} has no feature '{feature}'; near: {near}"


class VersionNotFound(AtlasError):
    """A plan version that no row of the feature carries."""

    sentence = "'{feature}' of layer '{layer}' has no plan version '{version}'; it has: {known}"


class StyleNotFound(AtlasError):
    """A style that a layer names but nobody wrote."""

    sentence = "there is no style '{style}'; there are: {known}"


class ClassMissing(AtlasError):
    """A value that no class of a style takes."""

    sentence = "style '{style}' has no class for {column} = '{value}'"


class WrongKind(AtlasError):
    """Something asked of a layer that its kind does not have."""

    sentence = "layer '{layer}' is of kind {kind}: {problem}"


class FileDamaged(AtlasError):
    """A file whose content cannot be read."""

    sentence = "{file}: {problem}"


class KeyRepeated(AtlasError):
    """Rows that a comparison cannot tell apart."""

    sentence = "{columns} = '{value}' stands in two rows: name a column whose values differ"


class DiffMismatch(AtlasError):
    """A diff that does not belong to the state at hand."""

    sentence = "the diff does not fit: {problem}"


class HashMismatch(AtlasError):
    """A file whose bytes are not the published ones."""

    sentence = (
        "{file}: its sha256 is {found}, published was {expected}; "
        "restore the file from version control"
    )


class SchemaError(AtlasError):
    """Rows that break the layer's rules; ``problems`` lists every one of them."""

    sentence = "{file}: {count} problem(s); first: {first}"

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(file=file, count=len(self.problems), first=self.problems[0])


class StoreBusy(AtlasError):
    """Another process is publishing into the same layer."""

    sentence = "layer '{layer}' is being published by another process; try again when it is done"


class StoreDamaged(AtlasError):
    """An event chain that does not hold."""

    sentence = "{file}, line {line}: {problem}"


class PublishRefused(AtlasError):
    """An edition or event that the rules of the store refuse."""

    sentence = "layer '{layer}': {problem}"


class WriteFailed(AtlasError):
    """The operating system refused to write; what was there is untouched."""

    sentence = "{file}: {problem}; nothing was changed"


class ClusterFailed(AtlasError):
    """Machines that were to measure and did not."""

    sentence = "the cluster at {address}: {problem}"


class AssetsMissing(AtlasError):
    """Leaflet, its plugin or the font were not installed into static/."""

    sentence = "{file} is missing: run `make setup`"


class OnlineAddress(AtlasError):
    """A map that would load something from the network."""

    sentence = "the map would load {address} from the network; give it a local file"


class SourceError(AtlasError):
    """An input of ``make layers`` that is missing or not the one recorded."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem=problem)
