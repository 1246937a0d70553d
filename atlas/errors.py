"""Every error that the atlas raises on purpose.

::

    AtlasError
    ├── DayError             a day that the calendar does not have
    ├── LayerNotFound        no such folder under layers/
    ├── EditionNotFound      the layer has no such edition (or none by that day)
    ├── FeatureNotFound      no such feature id in the layer
    ├── PlaceNotFound        a place to export or draw that is not there, or has no extent
    ├── NothingThere         no layer has anything in that place on that day
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
    ├── FigureRefused        a figure that cannot be drawn as asked
    ├── ApprovalMissing      a public figure without an approval number
    ├── ApprovalMisplaced    an approval number on a figure that is not public
    ├── ApprovalMalformed    a text that cannot be an approval number
    ├── OnlineAddress        a map that would reach for the network
    ├── AssumptionWrong      a figure that the model of rail travel cannot take
    ├── StationClosed        a station, or a city, at which no train calls on that day
    │   ├── StationNotYet    it opened later
    │   ├── StationGone      it had closed
    │   ├── StationPaused    it was closed for a time
    │   └── StationToCome    it is planned or being built
    ├── PlaceUnknown         a name of no city or station; near names are told
    ├── NetworkEmpty         no railway is open on that day
    ├── LineUnknown          no planned line of that name, or stations that make no line
    ├── IndicatorNotFound    no indicator of that name; near names are told
    ├── EvaluationRefused    days between which nothing can be evaluated
    ├── AreaUnknown          no such area in the action plan
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


class PlaceNotFound(AtlasError):
    """A text that names no place, or a place without an extent on the day."""

    sentence = "place '{place}': {problem}"


class NothingThere(AtlasError):
    """Layers that have nothing on a day in a place."""

    sentence = "nothing of {layers} on {day} in '{place}': choose another day or place"


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


class FigureRefused(AtlasError):
    """A figure that cannot be drawn as asked."""

    sentence = "the figure cannot be drawn: {problem}"


class ApprovalMissing(AtlasError):
    """A public figure without the number under which its map was approved."""

    sentence = (
        "a public figure needs the approval number (审图号) that the authority gave for this "
        "extent and this base: give --approval-number; the atlas has none and invents none"
    )


class ApprovalMisplaced(AtlasError):
    """An approval number on a figure that is not public."""

    sentence = "profile '{profile}' takes no approval number; it goes with --profile public"


class ApprovalMalformed(AtlasError):
    """A text that cannot be an approval number."""

    sentence = "'{number}' is no approval number: write it as given, for example GS（2024）0650号"


class AssumptionWrong(AtlasError):
    """A speed, a share or minutes outside what the model can take."""

    sentence = "'{name}' is {value}; it must lie between {least} and {most}"


class StationClosed(AtlasError):
    """A station, or a city, that is not in the network of the day."""

    sentence = "no train calls at '{station}' on {day}: no line of the record serves it then"


class StationNotYet(StationClosed):
    """A station, or the first of a city, that opened later."""

    sentence = "no train calls at '{station}' on {day}; it opened on {opened}"


class StationGone(StationClosed):
    """A station that had closed."""

    sentence = "no train calls at '{station}' on {day}; it closed on {closed}"


class StationPaused(StationClosed):
    """A station that was closed for a time."""

    sentence = "no train calls at '{station}' on {day}; it was closed from {closed} to {opened}"


class StationToCome(StationClosed):
    """A station that nobody has opened yet."""

    sentence = (
        "no train calls at '{station}' on {day}; it is to come: count lines under construction or "
        "planned as open"
    )


class PlaceUnknown(AtlasError):
    """A name that is no city and no station."""

    sentence = "there is no city or station '{name}'; near: {near}"


class NetworkEmpty(AtlasError):
    """A day without railways."""

    sentence = "no railway is open on {day}; the first opened on {first}"


class LineUnknown(AtlasError):
    """A line to try that is not in the record, or cannot be made of the stations."""

    sentence = "'{line}': {problem}; planned or under construction: {known}"


class IndicatorNotFound(AtlasError):
    """A name that no indicator has."""

    sentence = "there is no indicator '{id}'; near: {near}"


class EvaluationRefused(AtlasError):
    """Days that make no evaluation."""

    sentence = "this cannot be evaluated: {problem}"


class AreaUnknown(AtlasError):
    """An area that the action plan does not have."""

    sentence = "the plan has no area '{area}'; there are: {known}"


class SourceError(AtlasError):
    """An input of ``make layers`` that is missing or not the one recorded."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem=problem)
