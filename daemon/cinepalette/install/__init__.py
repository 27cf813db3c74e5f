"""Setting up and taking away: VLC's folders and settings, the service at login, the proof."""
