-- luacheck: globals descriptor activate deactivate close meta_changed
-- View > Cinepalette: the dialog. VLC scans this file in a bare state: at top level there is nothing to run.

local dialog = require "cinepalette.dialog"

function descriptor()
  return {
    title = "Cinepalette",
    version = "0.2.0",
    author = "Cinepalette",
    shortdesc = "Cinepalette",
    description = "Take stills of the film, see their palettes, look at the collage of the evening.",
    capabilities = {},
  }
end

function activate() dialog.open() end

function deactivate() dialog.close() end

-- The viewer has closed the dialog's window.
function close() vlc.deactivate() end

-- VLC 3 calls this on every activated extension, whether or not it wants to know.
function meta_changed() dialog.look() end
