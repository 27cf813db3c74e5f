"""The settings: one TOML file, every key optional, all its mistakes named at once.

Each table is a frozen dataclass that lives with the code it steers; this room only reads the file into them. A field's
type says what is allowed, its metadata {"min", "max"} the range or {"pattern", "example"} the form; pydantic checks.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from . import paths
from .drawing.style import CardStyle, CollageStyle
from .errors import ConfigError, UsageError
from .palette.extraction import Options

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Table = TypeVar("Table", bound="DataclassInstance")

# What a key may be called in [vlc]; the plugin turns these into VLC's codes.
_KEYS = {"pattern": r"((shift|ctrl|alt|meta|command)\+)*([a-z0-9]|f[1-9]|f1[0-2])", "example": "shift+c"}


@dataclass(frozen=True)
class TruthOptions:
    """[truth]: where the pixels of a still come from."""

    source: Literal["player", "film"] = "player"
    """player: the player's own picture, put right. film: that is replaced afterwards by the same frame out of the
    film's file, at its full depth and without subtitles, where it is found there."""


@dataclass(frozen=True)
class SessionOptions:
    """[session]: when a new collage begins."""

    gap_hours: float = field(default=4.0, metadata={"min": 0.0, "max": 10_000.0})
    """The same film after a longer pause begins a new session."""


@dataclass(frozen=True)
class PlayerOptions:
    """[vlc]: what the plugin does; it takes effect when VLC starts next."""

    take: tuple[str, ...] = field(default=("shift+c", "f12"), metadata=_KEYS)
    """Keys that take a still."""
    undo: tuple[str, ...] = field(default=("u",), metadata=_KEYS)
    """Keys that take the last still out again."""
    redo: tuple[str, ...] = field(default=("y",), metadata=_KEYS)
    """Keys that put it back."""
    new: tuple[str, ...] = field(default=("q",), metadata=_KEYS)
    """Keys that begin a new collage."""
    subtitles: Literal["hide", "keep"] = "hide"
    """Whether the viewer's subtitles are in the still."""
    overlay: bool = True
    """Whether the palette is shown over the film."""
    overlay_seconds: float = field(default=3.0, metadata={"min": 0.5, "max": 60.0})
    overlay_position: Literal["bottom", "top", "bottom-left", "bottom-right", "top-left", "top-right"] = "bottom"
    vlc_snapshots: bool = False
    """Whether stills made with VLC's own snapshot key are taken in, too."""


@dataclass(frozen=True)
class PlacesOptions:
    """[places]: folders; empty means the platform's own pictures folder."""

    inbox: str = ""
    output: str = ""


@dataclass(frozen=True)
class Config:
    """All settings in force."""

    inbox: Path
    output: Path
    file: Path
    """Where they were read from; it need not exist."""
    log: Path
    truth: TruthOptions = TruthOptions()
    palette: Options = Options()
    card: CardStyle = CardStyle()
    collage: CollageStyle = CollageStyle()
    session: SessionOptions = SessionOptions()
    vlc: PlayerOptions = PlayerOptions()
    places: PlacesOptions = PlacesOptions()


def load(environment: Mapping[str, str] | None = None) -> Config:
    """The settings from the user's file and the three environment variables; raises `ConfigError` with all mistakes."""
    environ = os.environ if environment is None else environment
    file = _file(environ)
    mistakes: list[str] = []
    tables = _read(file)
    known: dict[str, Any] = {entry.name: entry.default for entry in fields(Config) if is_dataclass(entry.default)}
    chosen: dict[str, Any] = {}
    for name, values in tables.items():
        if name not in known:
            mistakes.append(f"[{name}]: is no table; the tables are {', '.join(known)}")
        elif not isinstance(values, dict):
            mistakes.append(f"{name}: must stand in a table, such as [{next(iter(known))}]")
        else:
            chosen[name] = _filled(known[name], values, name, mistakes)
    mistakes += _key_clashes(chosen.get("vlc", PlayerOptions()))
    if mistakes:
        raise ConfigError("\n".join(f"{file}: {mistake}" for mistake in mistakes))
    places: PlacesOptions = chosen.get("places", PlacesOptions())
    output = Path(environ.get("CINEPALETTE_OUTPUT") or places.output or paths.output_dir()).expanduser().absolute()
    inbox = Path(environ.get("CINEPALETTE_INBOX") or places.inbox or output / "Inbox").expanduser().absolute()
    # A second set-up beside the user's own keeps its log to itself.
    log = output / ".cinepalette.log" if environ.get("CINEPALETTE_OUTPUT") else paths.log_file()
    return Config(inbox=inbox, output=output, file=file, log=log, **chosen)


def without_file() -> Config:
    """What holds without the user's file, where that one has mistakes."""
    return replace(load({**os.environ, "CINEPALETTE_CONFIG": os.devnull}), file=_file(os.environ))


def _file(environ: Mapping[str, str]) -> Path:
    return Path(environ["CINEPALETTE_CONFIG"]) if environ.get("CINEPALETTE_CONFIG") else paths.config_file()


def checked(defaults: Table, table: str, **values: Any) -> Table:
    """A table's dataclass with values from the command line in it; raises `UsageError` with all that is wrong."""
    mistakes: list[str] = []
    filled = _filled(defaults, values, table, mistakes)
    if mistakes:
        raise UsageError("; ".join(mistakes).replace(f"[{table}] ", ""))
    return filled


def text(config: Config) -> str:
    """The settings in force as the TOML that would set them, each with the file or default it comes from."""
    lines = [f"# {config.file}" + ("" if config.file.exists() else " (does not exist: these are the defaults)")]
    for entry in fields(config):
        table = getattr(config, entry.name)
        if not is_dataclass(table):
            continue
        if isinstance(table, PlacesOptions):
            table = PlacesOptions(str(config.inbox), str(config.output))
        lines += ["", f"[{entry.name}]"]
        lines += [f"{name} = {toml(getattr(table, name))}" for name in (inner.name for inner in fields(table))]
    return "\n".join(lines) + "\n"


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: {error}") from error


def _filled(defaults: Table, values: dict[str, Any], table: str, mistakes: list[str]) -> Table:
    """The dataclass with the file's values in it; what is wrong goes to `mistakes`."""
    kind = type(defaults)
    wrong: set[str] = set()
    chosen: dict[str, Any] = {}
    try:
        # As JSON: strict, and still a list may become a tuple.
        chosen = dict(_checker(kind).model_validate_json(json.dumps(values, default=str)))
    except ValidationError as error:
        wrong = {str(mistake["loc"][0]) for mistake in error.errors()}
    entries = {entry.name: entry for entry in fields(kind)}
    hints = get_type_hints(kind)
    for name in values:
        if name not in entries:
            mistakes.append(f"[{table}] {name}: is no setting; there are {', '.join(entries)}")
        elif name in wrong:
            mistakes.append(
                f"[{table}] {name} = {toml(values[name])}: must be {allowed(hints[name], entries[name].metadata)}"
            )
    return replace(defaults, **{name: chosen[name] for name in values if name in chosen})


@cache
def _checker(table: type) -> type[BaseModel]:
    """What checks the values of a table, made from its fields."""
    hints = get_type_hints(table)
    entries: dict[str, Any] = {}
    for entry in fields(table):
        limits = entry.metadata
        hint = hints[entry.name]
        if "pattern" in limits:
            text = Annotated[str, Field(pattern=f"^({limits['pattern']})$")]
            hint = text if hint is str else tuple[text, ...]
        entries[entry.name] = (hint, Field(entry.default, ge=limits.get("min"), le=limits.get("max")))
    config = ConfigDict(extra="forbid", strict=True)
    checker: type[BaseModel] = create_model(table.__name__, __config__=config, **entries)
    return checker


def _key_clashes(vlc: PlayerOptions) -> list[str]:
    """What is said of a key that is to do two things."""
    uses: dict[str, list[str]] = {}
    for name in ("take", "undo", "redo", "new"):
        for key in dict.fromkeys(getattr(vlc, name)):
            uses.setdefault(key, []).append(name)
    return [
        f"[vlc] {key}: can do one thing only, not {' and '.join(names)}" for key, names in uses.items() if names[1:]
    ]


def allowed(hint: Any, limits: Mapping[str, Any]) -> str:
    """What a value must be, for who has written another."""
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(str, get_args(hint)))
    if get_origin(hint) is tuple:
        return "a list in brackets" + (f', such as ["{limits["example"]}"]' if "example" in limits else "")
    if hint is bool:
        return "true or false"
    if hint is str:
        return f"like {limits['example']}" if "example" in limits else "a text in quotes"
    kind = "a number" if hint is float else "a whole number"
    return f"{kind} from {limits['min']} to {limits['max']}" if "min" in limits else kind


def toml(value: Any) -> str:
    """A value as it stands in the settings file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return str(value)
