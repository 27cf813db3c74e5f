"""The watched folder: what lies in it, when a picture is whole, how it is answered; and watching it."""
