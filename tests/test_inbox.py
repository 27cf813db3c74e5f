"""The inbox's protocol: what is whole, what a sidecar says, how it is answered."""

import json
import os
import time
from datetime import datetime
from pathlib import Path

import pytest
from cinepalette.inbox import protocol
from cinepalette.inbox.folder import Inbox
from cinepalette.inbox.protocol import Arrival, Kind, Request, Wait
from cinepalette.inbox.sidecar import sidecar_from
from cinepalette.model import MAX_TITLE_CHARS, Sidecar, Video
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def box(tmp_path: Path) -> Inbox:
    made = Inbox(tmp_path / "Inbox")
    made.create()
    return made


def put(path: Path, data: bytes | str = b"x", age_s: float = 0.0) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    then = time.time() - age_s
    os.utime(path, (then, then))
    return path


def read(data: dict) -> tuple[Sidecar, tuple[str, ...]]:
    found = sidecar_from(data)
    return found.sidecar, found.notes


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("vlc-20261120-214501-120-0001.bmp", Kind.STILL),
        ("vlc-20261120-214501-120-0001.json", Kind.SIDECAR),
        ("request-20261120-1.json", Kind.REQUEST),
        ("vlcsnap-2026-11-20.png", Kind.PICTURE),
        ("Holiday.JPEG", Kind.PICTURE),
        ("notes.txt", Kind.OTHER),
        ("half.png.part", Kind.OTHER),
        (".hidden.png", Kind.OTHER),
    ],
)
def test_a_name_says_what_it_is(name: str, kind: Kind) -> None:
    assert protocol.kind_of(Path(name)) is kind


def test_a_still_is_whole_when_its_sidecar_is(box: Inbox) -> None:
    still = put(box.path / "vlc-1.bmp")
    assert isinstance(box.look(still, 0.0), Wait)
    sidecar = put(box.path / "vlc-1.json", '{"v": 1, "title": "Big Bu')
    assert isinstance(box.look(still, 0.0), Wait)
    put(sidecar, '{"v": 1, "title": "Big Buck Bunny", "time_s": 2467.5}')
    found = box.look(sidecar, 0.0)
    assert isinstance(found, Arrival)
    assert found.path == still
    assert found.sidecar.title == "Big Buck Bunny"
    assert found.sidecar.time_s == 2467.5


def test_a_still_without_sidecar_is_taken_after_three_seconds(box: Inbox) -> None:
    found = box.look(put(box.path / "vlc-1.bmp"), 3.1)
    assert isinstance(found, Arrival)
    assert found.sidecar is None
    assert found.notes == ("it has no sidecar: taken as it is",)


def test_a_picture_from_elsewhere_is_whole_when_it_has_been_quiet(box: Inbox) -> None:
    assert isinstance(box.look(put(box.path / "a.png"), 0.0), Wait)
    assert box.look(put(box.path / "a.png"), 1.0) == Arrival(box.path / "a.png", Kind.PICTURE, unchanged_s=1.0)


@pytest.mark.parametrize("age_s", [-86_400, -300, -10, 10, 300, 40_000])
def test_a_drive_whose_clock_is_wrong_neither_hurries_nor_holds_back(box: Inbox, age_s: float) -> None:
    for name in ("a.png", "vlc-1.bmp", "request-1.json"):
        path = put(box.path / name, b"", age_s=age_s)
        assert isinstance(box.look(path, 0.4), Wait)
        assert isinstance(box.look(path, 3.0), Arrival | Request)


def test_what_has_lain_there_for_days_is_not_waited_for(box: Inbox) -> None:
    assert isinstance(box.look(put(box.path / "a.png", age_s=200_000), 0.0), Arrival)


def test_what_has_gone_is_nothing(box: Inbox) -> None:
    assert box.look(box.path / "vlc-9.bmp", 0.0) is None


def test_a_player_that_could_take_no_picture_says_so_in_a_sidecar_alone(box: Inbox) -> None:
    found = box.look(put(box.path / "vlc-1.json", '{"v": 1, "failed": true, "title": "Sintel"}'), 0.0)
    assert isinstance(found, Arrival)
    assert found.kind is Kind.SIDECAR


def test_a_request_is_read(box: Inbox) -> None:
    path = put(box.path / "request-1.json", '{"v": 1, "do": "remove", "n": 3}')
    assert box.look(path, 0.0) == Request(path, "remove", 3)


def test_waiting_lists_stills_and_requests_in_the_order_of_writing(box: Inbox) -> None:
    put(box.path / "vlc-2.bmp", age_s=30)
    put(box.path / "vlc-1.bmp", age_s=20)
    put(box.path / "vlc-1.json", "{}", age_s=20)
    put(box.path / "request-1.json", "{}", age_s=10)
    put(box.path / "readme.txt", age_s=5)
    assert [path.name for path in box.waiting()] == ["vlc-2.bmp", "vlc-1.bmp", "request-1.json"]


def test_an_answer_has_the_name_of_what_it_answers(box: Inbox) -> None:
    box.reply(box.path / "vlc-1.bmp", {"ok": True, "text": "3 · Nausicaä 00:41:07"}, b"png")
    assert (box.replies / "vlc-1.png").read_bytes() == b"png"
    answer = json.loads((box.replies / "vlc-1.json").read_text(encoding="utf-8"))
    assert answer == {"v": 1, "ok": True, "text": "3 · Nausicaä 00:41:07", "strip": "vlc-1.png"}


def test_answers_that_nobody_took_are_swept(box: Inbox) -> None:
    put(box.replies / "vlc-1.json", age_s=120)
    put(box.replies / "vlc-2.json", age_s=1)
    box.sweep()
    assert [path.name for path in box.replies.iterdir()] == ["vlc-2.json"]


def test_what_a_system_puts_among_the_answers_is_left_alone(box: Inbox) -> None:
    folder = box.replies / "@eaDir"
    folder.mkdir()
    os.utime(folder, (0, 0))
    put(box.replies / "vlc-1.json", age_s=120)
    box.sweep()
    assert [path.name for path in box.replies.iterdir()] == ["@eaDir"]


def test_a_sidecar_whose_picture_never_came_is_swept_after_a_day(box: Inbox) -> None:
    put(box.path / "vlc-1.json", '{"v": 1}', age_s=100_000)
    put(box.path / "vlc-2.json", '{"v": 1}', age_s=60)
    put(box.path / "vlc-3.json", '{"v": 1, "failed": true}', age_s=100_000)
    put(box.path / "vlc-4.json", '{"v": 1}', age_s=100_000)
    put(box.path / "vlc-4.bmp", age_s=100_000)
    box.sweep()
    assert sorted(path.name for path in box.path.glob("*.json")) == ["vlc-2.json", "vlc-3.json", "vlc-4.json"]


def test_requests_that_nobody_waits_for_any_more_are_forgotten(box: Inbox) -> None:
    put(box.path / "request-1.json", '{"v": 1, "do": "stop"}', age_s=11)
    put(box.path / "request-2.json", '{"v": 1, "do": "new"}', age_s=1)
    put(box.path / "vlc-1.bmp", age_s=11)
    box.forget_requests()
    assert sorted(path.name for path in box.path.glob("*.*")) == ["request-2.json", "vlc-1.bmp"]


def test_a_sidecar_nested_beyond_all_reason_is_damaged(box: Inbox) -> None:
    still = put(box.path / "vlc-1.bmp", age_s=10)
    put(box.path / "vlc-1.json", "[" * 100_000)
    found = box.look(still, 10.0)
    assert found == Arrival(still, Kind.STILL, None, ("its sidecar is damaged: taken as it is",), 10.0)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00", "9999-12-31T23:59:59", "yesterday", 7])
def test_a_moment_that_cannot_be_is_left_out(moment: object) -> None:
    sidecar, _ = read({"v": 1, "taken_at": moment})
    assert sidecar.taken_at is None or sidecar.taken_at.tzinfo is not None


def test_a_refused_picture_is_kept_with_its_reason_and_its_sidecar(box: Inbox) -> None:
    for name in ("vlc-1.bmp", "vlc-1 (2).bmp"):
        put(box.path / "vlc-1.bmp", b"broken")
        put(box.path / "vlc-1.json", "{}")
        kept_at = box.reject(box.take(box.look(box.path / "vlc-1.bmp", 0.0)), "is damaged")
        assert kept_at == box.rejected / name
        assert kept_at.read_bytes() == b"broken"
        assert (box.rejected / f"{name}.txt").read_text() == "is damaged\n"
        assert list(box.shelf.iterdir()) == []
    assert sorted(path.name for path in box.rejected.glob("*.json")) == ["vlc-1 (2).json", "vlc-1.json"]


def test_a_sidecar_of_another_version_is_read_as_well_as_can_be() -> None:
    sidecar, notes = read({"v": 2, "title": "Sintel", "colors": "more"})
    assert sidecar.title == "Sintel"
    assert notes == ("sidecar of version 2 read as version 1",)


def test_numbers_as_text_and_control_characters_are_understood_and_noted() -> None:
    data = {"v": 1, "time_s": "12,5", "title": "Tears\nof\x00Steel", "video": {"width": "1920", "matrix": "BT709"}}
    sidecar, notes = read(data)
    assert sidecar.time_s == 12.5
    assert sidecar.title == "Tears of Steel"
    assert sidecar.video.width == 1920
    assert sidecar.video.matrix == "bt709"
    assert len(notes) == 3


def test_a_title_of_ten_thousand_characters_is_cut() -> None:
    sidecar, _ = read({"v": 1, "title": "x" * 10_000})
    assert len(sidecar.title) == MAX_TITLE_CHARS


@pytest.mark.parametrize("number", [1e300, 10**400, 2_000_000, -1], ids=["huge", "400 digits", "23 days", "negative"])
def test_a_number_that_no_film_has_is_left_out(number: float) -> None:
    sidecar, notes = read({"v": 1, "time_s": number, "video": {"height": number}})
    assert sidecar.time_s is None
    assert sidecar.video.height is None
    assert len(notes) == 2


def test_a_sidecar_as_agreed_is_read_without_a_note() -> None:
    data = {
        "v": 1,
        "player": "vlc 3.0.24",
        "title": "風の谷のナウシカ",
        "time_s": 2467.25,
        "taken_at": "2026-11-20T21:45:01.120000+01:00",
        "video": {"width": 1920, "height": 1080, "matrix": "bt709", "range": "limited"},
    }
    sidecar, notes = read(data)
    assert notes == ()
    assert sidecar == Sidecar(
        player="vlc 3.0.24",
        title="風の谷のナウシカ",
        time_s=2467.25,
        taken_at=datetime.fromisoformat("2026-11-20T21:45:01.120000+01:00"),
        video=Video(width=1920, height=1080, matrix="bt709", range="limited"),
    )


@pytest.mark.parametrize("key", ["title", "player", "session", "uri"])
def test_what_a_terminal_or_a_log_would_obey_is_taken_out_of_every_text(key: str) -> None:
    sidecar, _ = read({"v": 1, key: "Sintel\x1b]0;owned\x07\r\n2026 ERROR forged \ud800 \u202egnp.x"})
    text = getattr(sidecar, key)
    assert text.isprintable()
    assert text.encode()


def test_one_unusable_field_leaves_the_others() -> None:
    sidecar, notes = read(
        {"v": 1, "title": ["a"], "time_s": True, "taken_at": 12, "video": {"matrix": 7, "width": 640}}
    )
    assert sidecar == Sidecar(video=Video(width=640))
    assert sorted(notes) == [
        "taken_at 12: left out",
        "time_s True: left out",
        "title ['a']: left out",
        "video matrix 7: left out",
    ]


@pytest.mark.parametrize("name", ["vlc-1.json", "request-1.json"])
@pytest.mark.parametrize("what", ["pipe", "device", "folder", "large"])
def test_a_sidecar_or_request_that_is_no_plain_file_is_not_read(box: Inbox, name: str, what: str) -> None:
    still = put(box.path / "vlc-1.bmp", age_s=10)
    path = box.path / name
    if what == "pipe":
        os.mkfifo(path)
    elif what == "device":
        path.symlink_to("/dev/zero")
    elif what == "folder":
        path.mkdir()
    else:
        path.write_text(json.dumps({"v": 1, "do": "new", "title": "x" * 300_000}))
    os.utime(box.path / "vlc-1.bmp", (0, 0))
    found = box.look(still, 10.0)
    assert isinstance(found, Arrival)
    assert found.sidecar is None
    if name.startswith("request"):
        assert isinstance(box.look(path, 0.0), Wait | Request)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
sidecar_keys = st.sampled_from(["v", "title", "uri", "time_s", "duration_s", "taken_at", "video", "player", "session"])


@given(st.dictionaries(sidecar_keys, json_values))
def test_no_sidecar_is_so_odd_that_reading_it_fails(data: dict) -> None:
    sidecar, _ = read(data)
    assert sidecar.time_s is None or sidecar.time_s >= 0
