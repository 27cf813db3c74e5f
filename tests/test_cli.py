"""The command line as a person types it: what it prints, where it writes, how it says no."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cinepalette import config, paths
from cinepalette.command.line import main
from cinepalette.daemon import desktop
from cinepalette.daemon.pipeline import Pipeline
from cinepalette.inbox.protocol import Kind
from cinepalette.model import Sidecar, Video
from cinepalette.picture import writing
from cinepalette.session.store import Store
from PIL import Image

COLORS = [(24, 24, 30), (200, 60, 40), (40, 160, 60), (60, 90, 200), (235, 225, 200)]


class Shell:
    """Runs commands with settings, inbox and output of its own."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.output = root / "Out"
        self.said = ""
        """What the last command wrote to stderr."""
        self._capfd = capfd

    def __call__(self, *words: object, code: int = 0) -> str:
        """What the command printed; its exit code is asserted."""
        self._capfd.readouterr()
        try:
            ended = main([str(word) for word in words])
        except SystemExit as stopped:
            ended = stopped.code
        printed, self.said = self._capfd.readouterr()
        assert ended == code, self.said
        return printed


@pytest.fixture
def shell(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell(tmp_path, capfd)
    monkeypatch.setenv("CINEPALETTE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("CINEPALETTE_INBOX", str(made.output / "Inbox"))
    monkeypatch.setenv("CINEPALETTE_OUTPUT", str(made.output))
    return made


@pytest.fixture
def still(tmp_path: Path) -> Path:
    return bands(tmp_path / "bands.png")


def bands(path: Path, count: int = 5, size: tuple[int, int] = (160, 90)) -> Path:
    """A still of upright bands."""
    width, height = size
    rgb = np.zeros((height, width, 3), np.uint8)
    for number in range(count):
        rgb[:, number * width // count : (number + 1) * width // count] = COLORS[number]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(path)
    return path


def test_palette_prints_a_table_for_people(shell: Shell, still: Path) -> None:
    table = shell("palette", still)
    assert all("#{:02x}{:02x}{:02x}".format(*color) in table for color in COLORS)
    assert "20" in table


def test_palette_prints_json_for_programs(shell: Shell, still: Path, tmp_path: Path) -> None:
    other = bands(tmp_path / "風 two.png", 2)
    entries = json.loads(shell("palette", still, other, "--format", "json"))
    assert [entry["image"] for entry in entries] == [str(still), str(other)]
    assert sorted(tuple(swatch["rgb"]) for swatch in entries[0]["swatches"]) == sorted(COLORS)
    for entry in entries:
        assert sum(swatch["share"] for swatch in entry["swatches"]) == pytest.approx(1, abs=1e-3)
        assert all(swatch["hex"] == "#{:02x}{:02x}{:02x}".format(*swatch["rgb"]) for swatch in entry["swatches"])
    assert len(entries[1]["swatches"]) == 2


def test_palette_takes_a_number_and_says_what_numbers_there_are(shell: Shell, still: Path) -> None:
    assert len(json.loads(shell("palette", still, "-n", 3, "--format", "json"))[0]["swatches"]) == 3
    shell("palette", still, "-n", 0, code=2)
    assert shell.said == "cinepalette: --swatches 0: must be a whole number from 1 to 25\n"
    shell("palette", still, "-n", "five", code=2)
    assert "five: is no whole number" in shell.said
    shell("palette", still, "--sort", "size", code=2)
    assert shell.said == 'cinepalette: --sort "size": must be one of light, hue, share\n'


def test_several_pictures_into_a_format_of_one_palette_want_a_folder(shell: Shell, tmp_path: Path) -> None:
    one, two = bands(tmp_path / "a" / "x.y.png"), bands(tmp_path / "b" / "x.z.png")
    shell("palette", one, two, "--format", "pal", code=2)
    assert "-o FOLDER" in shell.said
    shell("palette", one, two, "--format", "pal", "-o", tmp_path / "made")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["x.y.pal", "x.z.pal"]


def test_one_bad_picture_among_many_does_not_stop_the_rest(shell: Shell, still: Path, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    entries = json.loads(shell("palette", tmp_path / "text.png", still, "--format", "json", code=1))
    assert [entry["image"] for entry in entries] == [str(still)]
    assert shell.said == f"cinepalette: {tmp_path / 'text.png'}: is not a picture\n"
    shell("palette", tmp_path / "text.png", code=2)
    assert shell.said == f"cinepalette: {tmp_path / 'text.png'}: is not a picture\n"


def test_card_draws_the_still_with_its_strip_and_touches_nothing_else(
    shell: Shell, still: Path, tmp_path: Path
) -> None:
    before = still.read_bytes()
    target = tmp_path / "cards" / "bands.png"
    assert shell("card", still, "-o", tmp_path / "cards") == f"{target}\n"
    assert Image.open(target).size > (160, 90)
    assert still.read_bytes() == before
    shell("card", still, "-o", tmp_path, code=2)
    assert "it would be replaced" in shell.said
    assert still.read_bytes() == before


def test_two_pictures_of_one_name_make_two_cards(shell: Shell, tmp_path: Path) -> None:
    one, two = bands(tmp_path / "a" / "x.png"), bands(tmp_path / "b" / "x.png", 3)
    shell("card", one, two, "-o", tmp_path / "cards")
    assert sorted(path.name for path in (tmp_path / "cards").iterdir()) == ["x (2).png", "x.png"]
    again = tmp_path / "again"
    assert shell("card", one, one, "-o", again).splitlines() == [str(again / "x.png"), str(again / "x (2).png")]


def test_pictures_are_added_and_the_session_edited(shell: Shell, tmp_path: Path) -> None:
    pictures = [bands(tmp_path / f"{count}.png", count, (640, 360)) for count in (2, 3, 4)]
    printed = shell("add", *pictures, "--session", "An evening").splitlines()
    assert printed[:3] == ["1 · An evening", "2 · An evening", "3 · An evening"]
    collage = Path(printed[3])
    first = collage.read_bytes()
    assert all(picture.exists() for picture in pictures)

    def numbers() -> list[int]:
        data = json.loads((collage.parent / "session.json").read_text(encoding="utf-8"))
        return [one["n"] for one in data["stills"]]

    assert shell("remove", 2) == "Removed 2 · An evening\n"
    assert numbers() == [1, 3]
    assert collage.read_bytes() != first
    shell("undo")
    assert numbers() == [1, 2, 3]
    assert collage.read_bytes() == first
    shell("move", 3, 1)
    assert numbers() == [3, 1, 2]
    card = collage.parent / "cards" / "0001.png"
    before = card.read_bytes()
    shell("rename", "風の夜")
    assert not card.exists(), "the folder has the new name, too"
    (collage,) = shell.output.glob("風の夜 *[0-9]/collage.png")
    assert (collage.parent / "cards" / "0001.png").read_bytes() != before
    assert json.loads(shell("sessions", "--json"))[0]["title"] == "風の夜"
    shell("split", 2)
    assert numbers() == [3, 1]
    assert len(json.loads(shell("sessions", "--json"))) == 2
    shell("undo", "--session", collage.parent.name)
    assert numbers() == [3, 1, 2]
    shell("remove", 9, code=2)
    assert shell.said == "cinepalette: 風の夜: there is no still 9\n"


def test_no_result_replaces_what_it_is_made_from(shell: Shell, still: Path, tmp_path: Path) -> None:
    before = still.read_bytes()
    shell("palette", still, "--format", "gpl", "-o", still, code=2)
    assert still.read_bytes() == before
    shell("add", still, "--session", "Film")
    (kept,) = shell.output.glob("Film */stills/*.png")
    shell("collage", "Film", "-o", kept, code=2)
    shell("export", "Film", "--format", "css", "-o", kept, code=2)
    assert (np.asarray(Image.open(kept)) == np.asarray(Image.open(still))).all()


def test_the_ending_of_the_file_chooses_the_format(shell: Shell, still: Path, tmp_path: Path) -> None:
    shell("palette", still, "-o", tmp_path / "film.ase")
    assert (tmp_path / "film.ase").read_bytes().startswith(b"ASEF")
    shell("palette", still, "-o", tmp_path / "film.xyz", code=2)
    assert "no format has this ending" in shell.said
    (tmp_path / "made").mkdir()
    shell("palette", still, "--format", "css", "-o", tmp_path / "made")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["bands.css"]


def test_a_title_wants_a_letter(shell: Shell, still: Path) -> None:
    shell("add", still)
    shell("rename", " \n", code=2)
    assert shell("rename", "One\nline") == "Renamed to One line\n"


def test_sessions_and_status_tell_where_things_are(shell: Shell, still: Path) -> None:
    assert shell("sessions") == "There is no session yet: press Shift+C while a film plays in VLC.\n"
    shell("add", still)
    assert shell("sessions").startswith("  1     1 still  Stills 20")
    facts = json.loads(shell("status", "--json"))
    assert facts["running"] is False
    assert facts["inbox"] == str(shell.output / "Inbox")
    assert facts["latest"]["stills"] == 1


def test_sessions_on_a_drive_that_is_away_are_not_said_to_be_none(
    shell: Shell, still: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "drive.json"
    note.write_text(json.dumps({"output": str(shell.output), "mount": str(shell.output.parent)}))
    monkeypatch.setattr(paths, "drive_file", lambda: note)
    monkeypatch.setattr(paths, "overrides", dict)
    assert shell("sessions", code=2) == ""
    assert "its drive is not at" in shell.said


def test_a_collage_is_drawn_again_in_another_way(shell: Shell, still: Path, tmp_path: Path) -> None:
    shell("add", still, still, "--session", "Film")
    running = shell.output.glob("Film */collage.png").__next__()
    before = running.read_bytes()
    wallpaper = tmp_path / "wall.png"
    assert shell("collage", "--layout", "wallpaper", "--size", "640x360", "-o", wallpaper) == f"{wallpaper}\n"
    assert Image.open(wallpaper).size == (640, 360)
    shell("collage", "Film", "-o", tmp_path / "small.jpg")
    assert Image.open(tmp_path / "small.jpg").format == "JPEG"
    assert running.read_bytes() == before
    shell("collage", "--layout", "spiral", code=2)
    assert "must be one of poster" in shell.said
    shell("collage", "Nosferatu", code=2)
    assert "there is no such session" in shell.said


def test_another_look_gets_a_file_of_its_own(shell: Shell, still: Path) -> None:
    shell("add", still, "--session", "Film")
    (folder,) = shell.output.glob("Film *")
    before = (folder / "session.json").read_bytes(), (folder / "collage.png").read_bytes()
    shell("collage", "-n", 3, "--layout", "script")
    assert (folder / "collage script 3 swatches.png").exists()
    assert ((folder / "session.json").read_bytes(), (folder / "collage.png").read_bytes()) == before


def test_the_correction_of_colors_can_be_taken_back(shell: Shell, tmp_path: Path) -> None:
    # Red of HD video, as VLC 3 saves it.
    Image.new("RGB", (640, 360), (186, 46, 41)).save(tmp_path / "vlc-1.png")
    sidecar = Sidecar(player="vlc 3.0.24", title="Film", video=Video(width=1920, height=1080, matrix="bt709"))
    pipeline = Pipeline(config.load(), Store(shell.output))
    admitted = pipeline.admit(tmp_path / "vlc-1.png", sidecar, Kind.STILL)
    pipeline.keep(admitted)
    assert np.abs(np.array(admitted.still.swatches[0].rgb) - (200, 60, 40)).max() <= 3
    before = {path: path.read_bytes() for path in admitted.folder.path.rglob("*.*") if path.is_file()}
    printed = shell("collage", "--uncorrected", "-o", tmp_path / "saved.png")
    assert printed == f"{tmp_path / 'saved.png'}\n"
    colors = np.unique(np.asarray(Image.open(tmp_path / "saved.png").convert("RGB")).reshape(-1, 3), axis=0)
    assert np.abs(colors.astype(int) - (186, 46, 41)).sum(axis=1).min() <= 4
    assert all(path.read_bytes() == data for path, data in before.items())


def test_a_tone_mapped_still_keeps_what_arrived(shell: Shell, tmp_path: Path) -> None:
    plane = np.full((540, 640), 128, np.uint8)
    (tmp_path / "vlc-1.pgmyuv").write_bytes(b"P5\n640 540\n255\n" + plane.tobytes())
    video = Video(width=640, height=360, matrix="bt2020", transfer="pq", primaries="bt2020")
    pipeline = Pipeline(config.load(), Store(shell.output))
    sidecar = Sidecar(player="vlc 3.0.24", title="Film", video=video)
    admitted = pipeline.admit(tmp_path / "vlc-1.pgmyuv", sidecar, Kind.STILL)
    pipeline.keep(admitted)
    pipeline.put_original(admitted, tmp_path / "vlc-1.pgmyuv")
    assert (admitted.folder.path / "originals" / "0001 vlc-1.pgmyuv").exists()
    shell("collage", "--uncorrected", "-o", tmp_path / "saved.png")
    assert shell.said == ""
    colors = np.unique(np.asarray(Image.open(tmp_path / "saved.png").convert("RGB")).reshape(-1, 3), axis=0)
    assert np.abs(colors.astype(int) - 130).sum(axis=1).min() <= 3
    assert np.abs(np.array(admitted.still.swatches[0].rgb) - 130).max() > 20


def test_export_writes_a_swatch_file(shell: Shell, still: Path, tmp_path: Path) -> None:
    shell("add", still, "--session", "Film")
    shell("export", "--format", "ase", "-o", tmp_path / "film.ase")
    assert (tmp_path / "film.ase").read_bytes().startswith(b"ASEF")
    assert "#c83c28" in shell("export", "Film", "--format", "hex")
    shell("export", "--format", "docx", code=2)
    assert "docx" in shell.said


def test_config_prints_the_settings_and_names_mistakes(shell: Shell, tmp_path: Path) -> None:
    assert "swatches = 5" in shell("config")
    (tmp_path / "config.toml").write_text("[palette]\nswatches = 99\n")
    shell("config", code=2)
    assert shell.said.startswith(f"cinepalette: {tmp_path / 'config.toml'}: [palette] swatches = 99: must be")


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "start",
        "stop",
        "status",
        "palette",
        "card",
        "add",
        "sessions",
        "collage",
        "export",
        "undo",
        "redo",
        "remove",
        "move",
        "rename",
        "merge",
        "split",
        "new",
        "open",
        "setup",
        "config",
    ],
)
def test_every_command_explains_itself(command: str, shell: Shell) -> None:
    assert f"cinepalette {command}" in shell(command, "--help")


def test_open_takes_the_session_as_the_others_do(shell: Shell, still: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(desktop, "open_folder", opened.append)
    shell("add", still, "--session", "Sintel")
    shell("add", still, "--session", "Bunny")
    printed = [shell("open", *words).strip() for words in ((), ("Sintel",))]
    assert printed == [str(path) for path in opened]
    assert [path.name.split()[0] for path in opened] == ["Bunny", "Sintel"]
    shell("open", "nothing", code=2)
    assert "there is no such session" in shell.said


def test_help_is_found_where_it_is_looked_for(shell: Shell, still: Path) -> None:
    assert shell("help") == shell("--help")
    assert shell("help", "palette") == shell("palette", "--help")
    shell("config", "foo", code=2)
    assert shell.said == "cinepalette: unrecognized arguments: foo; see cinepalette config --help\n"
    shell("film", still, "--smooth", "much", code=2)
    assert "much: is no number" in shell.said


def test_what_cannot_be_written_is_named_as_it_was_asked_for(
    shell: Shell, still: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(temporary: Path, path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(temporary))

    shell("add", still, "--session", "Sintel")
    (tmp_path / "file").touch()
    inside = tmp_path / "file" / "x.png"
    for words in (("collage",), ("palette", still, "--format", "hex"), ("export", "--format", "hex")):
        shell(*words, "-o", inside, code=1)
        assert shell.said.startswith(f"cinepalette: {tmp_path / 'file'}")
        assert ".part" not in shell.said
    monkeypatch.setattr(writing, "_replace", refuse)
    shell("collage", "-o", tmp_path / "x.png", code=1)
    assert shell.said == f"cinepalette: {tmp_path / 'x.png'}: Permission denied\n"
    shell("card", still, "-o", tmp_path / "file", code=2)
    assert shell.said == f"cinepalette: {tmp_path / 'file'}: is a file; name a folder\n"


def test_a_title_needs_no_quotes(shell: Shell, still: Path) -> None:
    shell("add", still, "--session", "Film")
    assert shell("rename", "Kaze", "no", "tani") == "Renamed to Kaze no tani\n"


def test_an_unknown_command_is_bad_input(shell: Shell) -> None:
    shell("paint", code=2)
    assert "paint" in shell.said
    assert "Traceback" not in shell.said


def test_the_installed_command_ends_with_the_exit_code() -> None:
    done = subprocess.run([sys.executable, "-m", "cinepalette", "paint"], capture_output=True, text=True)
    assert done.returncode == 2


def test_alone_it_says_where_to_begin(shell: Shell) -> None:
    printed = shell()
    assert len(printed.splitlines()) == 3
    assert "Shift+C" in printed
    assert "--help" in printed


def test_a_mistyped_command_is_answered_with_the_one_that_was_meant(shell: Shell) -> None:
    shell("collge", code=2)
    assert shell.said == "cinepalette: collge: is no command; did you mean collage?\n"
    shell("xyzzy", code=2)
    assert "palette" in shell.said


def test_the_version_loads_nothing() -> None:
    loads = "import sys; sys.argv = ['cinepalette', '--version']; from cinepalette.command.line import main\n"
    loads += "try: main()\nexcept SystemExit: print(sorted({'cv2', 'numpy', 'PIL', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_folder_stands_for_the_pictures_in_it(shell: Shell, tmp_path: Path) -> None:
    folder = bands(tmp_path / "stills" / "b.png").parent
    bands(folder / "a.png", 3)
    (folder / "notes.txt").write_text("no picture")
    entries = json.loads(shell("palette", folder, "--format", "json"))
    assert [Path(entry["image"]).name for entry in entries] == ["a.png", "b.png"]
    (tmp_path / "empty").mkdir()
    shell("palette", tmp_path / "empty", code=2)
    assert "holds no picture" in shell.said


def test_a_picture_comes_through_standard_input(still: Path) -> None:
    command = [sys.executable, "-m", "cinepalette", "palette", "-", "--format", "json"]
    done = subprocess.run(command, input=still.read_bytes(), capture_output=True, check=True)
    (entry,) = json.loads(done.stdout)
    assert entry["image"] == "-"
    assert len(entry["swatches"]) == 5


def test_a_name_that_ends_in_a_slash_is_a_new_folder(shell: Shell, still: Path, tmp_path: Path) -> None:
    shell("palette", still, "--format", "ase", "-o", f"{tmp_path / 'new'}/")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["bands.ase"]


def test_nothing_that_is_there_is_replaced_without_being_asked(shell: Shell, still: Path, tmp_path: Path) -> None:
    precious = tmp_path / "film.gpl"
    precious.write_text("mine")
    shell("palette", still, "-o", precious, code=2)
    assert "--force" in shell.said
    assert precious.read_text() == "mine"
    shell("palette", still, "-o", precious, "--force")
    assert precious.read_text().startswith("GIMP Palette")
    bands(tmp_path / "cards" / "bands.png")
    before = (tmp_path / "cards" / "bands.png").read_bytes()
    shell("card", still, "-o", tmp_path / "cards", code=2)
    assert (tmp_path / "cards" / "bands.png").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="devices and links of Unix")
def test_a_device_is_written_to_and_a_link_goes_on_leading_where_it_led(
    shell: Shell, still: Path, tmp_path: Path
) -> None:
    shell("palette", still, "--format", "gpl", "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()
    (tmp_path / "real.gpl").write_text("mine")
    link = tmp_path / "link.gpl"
    link.symlink_to("real.gpl")
    shell("palette", still, "-o", link, "--force")
    assert link.is_symlink()
    assert (tmp_path / "real.gpl").read_text().startswith("GIMP Palette")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a full device")
def test_a_full_device_is_one_line(still: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "cinepalette", "palette", str(still)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "cinepalette: No space left on device\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["delete"], "the following arguments are required: SESSION; see cinepalette delete --help"),
        (["film", "--scenes"], "the following arguments are required: MOVIE; see cinepalette film --help"),
        (["status", "--jsn"], "unrecognized arguments: --jsn; see cinepalette status --help"),
    ],
)
def test_words_that_are_missing_or_unknown_are_one_line(shell: Shell, words: list[str], said: str) -> None:
    assert shell(*words, code=2) == ""
    assert shell.said == f"cinepalette: {said}\n"


def test_a_session_takes_no_stills_of_its_own(shell: Shell, still: Path) -> None:
    shell("add", still, "--session", "One")
    shell("merge", "One", code=2)
    assert "name the one that takes them with --session" in shell.said


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that closes it")
def test_a_closed_output_is_no_trouble() -> None:
    for words in ("config", "sessions --json"):
        closed = ["sh", "-c", f'exec "{sys.executable}" -m cinepalette {words} >&-']
        ended = subprocess.run(closed, capture_output=True, text=True, timeout=60)
        assert (ended.returncode, ended.stderr) == (0, "")


def test_an_empty_name_is_no_file(shell: Shell, still: Path) -> None:
    shell("palette", still, "-o", "", code=2)
    assert "an empty name is no file" in shell.said


def test_stills_lists_what_the_other_commands_count(shell: Shell, tmp_path: Path) -> None:
    pictures = [bands(tmp_path / f"{count}.png", count, (640, 360)) for count in (2, 3)]
    shell("add", *pictures, "--session", "An evening")
    head, first, second = shell("stills").splitlines()
    assert head.startswith("An evening: 2 stills")
    assert [line.split()[:2] for line in (first, second)] == [["1", "2"], ["2", "3"]], "number and name"
    assert len([word for word in second.split() if word.startswith("#")]) == 3
    assert [one["n"] for one in json.loads(shell("stills", "An evening", "--json"))] == [1, 2]


def test_a_shell_completes_commands_and_their_words(shell: Shell, tmp_path: Path) -> None:
    assert "cinepalette" in shell("completion", "bash")
    answer = tmp_path / "answer"
    for line, expected in [("cinepalette col", "collage"), ("cinepalette collage --lay", "--layout")]:
        asked = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_STDOUT_FILENAME": str(answer), "_ARGCOMPLETE_IFS": "\n"}
        asked |= {"COMP_LINE": line, "COMP_POINT": str(len(line)), "COMP_TYPE": "9"}
        subprocess.run([sys.executable, "-m", "cinepalette"], env={**os.environ, **asked}, check=False, timeout=60)
        assert expected in answer.read_text()


def test_status_and_the_log_name_a_still_that_is_gone(
    shell: Shell, still: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shell("add", still, "--session", "Evening")
    (folder,) = shell.output.glob("Evening *")
    (folder / "stills" / "0001.png").unlink()
    shell("rename", "Another")
    (folder,) = shell.output.glob("Another *")
    assert f"{folder / 'stills' / '0001.png'}: " in caplog.text
    assert f"missing  {folder.name}: stills/0001.png\n" in shell("status")
    assert json.loads(shell("status", "--json"))["missing"] == {folder.name: ["stills/0001.png"]}


def test_status_says_what_a_person_wants_to_know(shell: Shell, still: Path) -> None:
    shell("add", still, "--session", "Film")
    (shell.output / "Damaged 2026-11-21").mkdir()
    (shell.output / "Damaged 2026-11-21" / "session.json").write_text("{")
    printed = shell("status")
    facts = json.loads(shell("status", "--json"))
    assert "The daemon is not running: cinepalette start" in printed
    assert "latest   Film" in printed
    assert "left" in printed.splitlines()[-1]
    (trouble,) = facts["unreadable"]
    assert "Damaged 2026-11-21" in trouble
    assert trouble in printed
    assert facts["free_bytes"] > 0
    assert facts["waiting"] == 0


def test_a_deleted_session_is_in_the_trash(shell: Shell, still: Path, home: Path) -> None:
    shell("add", still, "--session", "Film")
    (folder,) = shell.output.glob("Film *")
    assert shell("delete", "Film") == f"{folder.name} (1 still) is in the trash.\n"
    assert not folder.exists()
    assert "Film" not in (shell.output / "index.html").read_text()
    (kept,) = home.glob(".local/share/Trash/files/*")
    assert kept.name.startswith("Film ")
    shell("delete", "Film", code=2)


def test_sessions_are_found_by_their_number(shell: Shell, still: Path) -> None:
    shell("add", still, "--session", "One")
    shell("add", still, "--session", "Two")
    assert shell("stills", 1).startswith("One:")
    assert shell("stills", "2").startswith("Two:")
