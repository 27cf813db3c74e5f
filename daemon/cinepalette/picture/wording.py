"""Steps of a correction as people read them: the only place where a `Step` becomes a sentence."""

from ..color import hdr
from ..model import Step


def in_words(step: Step) -> str:
    """One step as a clause: `decoded with bt709 instead of bt601`."""
    match step.step:
        case "from-film":
            return "taken from the film itself"
        case "assumed":
            why = "untagged" if step.said is None else f"matrix {step.said!r} is unknown"
            return f"{why}: taken for {step.matrix}"
        case "encoded":
            return f"taken back to what was coded, which VLC had decoded with {step.was} instead of {step.matrix}"
        case "decoded":
            return f"decoded with {step.matrix}" + (f" instead of {step.was}" if step.was else "")
        case "tone-mapped":
            return f"{step.transfer} tone-mapped from {step.peak or 0:.0f} to {hdr.WHITE:.0f} cd/m² (BT.2390)"
        case "gamut-mapped":
            return "bt2020 colors mapped into sRGB"
        case "turned":
            return f"turned upright from {step.orientation}"
        case "left-lying":
            return f"orientation {step.orientation!r} is unknown: left as it is"
        case "first-frame":
            return "first frame of an animation"
        case "reduced":
            return "16-bit or float gray reduced to 8 bits" if step.said == "gray" else "16 bits a channel reduced to 8"
        case "scaled":
            return f"scaled down from {step.said}"
        case "exif-turned":
            return "turned upright as its EXIF says"
        case "flattened":
            return "transparency laid on white"
        case "profiled":
            return f"color profile {step.said or 'without a name'} converted to sRGB"
        case "profile-ignored":
            return "unusable color profile left aside"
        case "converted":
            return f"{step.said} converted to RGB"
        case "noted":
            return step.said or ""
