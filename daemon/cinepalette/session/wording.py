"""Changes as people read them: the only place where a `Change` becomes a sentence."""

from ..model import Change, Session, label


def in_words(session: Session, change: Change, *, undone: bool) -> str:
    """What was done to a session, or taken back: `Removed 3 · Big Buck Bunny 00:02:00`."""
    by_number = {still.n: still for still in (*session.stills, *session.removed)}
    count = len(change.numbers)
    what = "1 still" if count == 1 else f"{count} stills"
    if count == 1 and change.numbers[0] in by_number:
        what = label(by_number[change.numbers[0]], session.title)
    partner = change.folders[0] if change.partner else ""
    match change.do:
        case "add":
            sentences = (f"Put back {what}", f"Removed {what}")
        case "remove":
            sentences = (f"Removed {what}", f"Put back {what}")
        case "move":
            sentences = (f"Moved {what}", f"Moved back {what}")
        case "merge":
            sentences = (f"Took {what} from {partner}", f"Gave {what} back to {partner}")
        case "given":
            sentences = (f"Gave {what} to {partner}", f"Took {what} back from {partner}")
        case "split":
            sentences = (f"Moved {what} to {partner}", f"Took {what} back from {partner}")
        case "begun":
            sentences = (f"Took {what} from {partner}", f"Moved {what} back to {partner}")
        case "close":
            sentences = ("The next still begins a new collage", f"The next still joins {session.title} again")
        case "rename":
            sentences = (f"Renamed to {change.titles[1]}", f"Renamed to {change.titles[0]}")
    return sentences[undone]
