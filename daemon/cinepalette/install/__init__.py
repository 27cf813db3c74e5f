"""Setting up and taking away: every VLC's folders and settings, the service at login, doctor, the proof."""
