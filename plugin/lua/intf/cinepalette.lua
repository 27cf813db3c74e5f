--[[ The hotkey listener, started with VLC by `extraintf=luaintf{intf="cinepalette"}`. Wires only.

No pcall here: when VLC quits, the wait raises "Interrupted.", which ends this script and lets VLC go.
]]

local listener = require("cinepalette.listener").new()

while true do
  local pause_us = listener.step(vlc.misc.mdate())
  vlc.misc.mwait(vlc.misc.mdate() + pause_us)
end
