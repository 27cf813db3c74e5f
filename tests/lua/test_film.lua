-- What VLC knows of a film, in any language and from any source.

local fake_vlc = require "fake_vlc"

local T = {}

local GERMAN = {
  ["Video resolution"] = "Videoauflösung",
  ["Decoded format"] = "Decodiertes Format",
  ["Color space"] = "Farbraum",
  ["Color transfer function"] = "Farbübertragungsfunktion",
  ["Color primaries"] = "Grundfarben",
  ["Orientation"] = "Ausrichtung",
  ["Frame rate"] = "Bildwiederholrate",
  ["Left bottom"] = "Links unten",
  ["Linear"] = "Linear (de)",
}

local function film_in(words)
  _G.vlc = fake_vlc.new({}).vlc
  _G.vlc.gettext._ = function(text) return words[text] or text end
  for name in pairs(package.loaded) do
    if name:find("^cinepalette%.") then package.loaded[name] = nil end
  end
  return require "cinepalette.film"
end

local function account(item)
  local film = film_in({})
  _G.vlc.player = nil
  _G.vlc.input = { item = function()
    return {
      name = function() return item.name end,
      uri = function() return item.uri end,
      metas = function() return item.metas or {} end,
      duration = function() return item.duration or -1 end,
      info = function() return {} end,
    }
  end }
  _G.vlc.strings = { decode_uri = function(text)
    return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
  end }
  return film.account()
end

function T.in_german_as_in_english()
  local video = film_in(GERMAN).video({
    ["Stream 1"] = { ["Typ"] = "Audio" },
    ["Stream 0"] = {
      ["Videoauflösung"] = "3840x2160",
      ["Decodiertes Format"] = "Planar 4:2:0 YUV 10-bit LE (I0AL)",
      ["Farbraum"] = "ITU-R BT.2020 Bereich",
      ["Farbübertragungsfunktion"] = "SMPTE ST2084 (PQ)",
      ["Grundfarben"] = "ITU-R BT.2020",
      ["Ausrichtung"] = "Links unten",
      ["Bildwiederholrate"] = "23,976024",
    },
  })
  assert(video.width == 3840 and video.height == 2160)
  assert(video.matrix == "bt2020" and video.transfer == "pq" and video.primaries == "bt2020")
  assert(video.orientation == "left-bottom" and video.frame_rate == 23.976024 and video.chroma == "I0AL")
  assert(video.range == nil)
end

function T.what_vlc_4_says_of_the_range_is_understood()
  local film = film_in({})
  local video = film.video({ s = { ["Video resolution"] = "8x8", ["Color space"] = "ITU-R BT.709 Full Range" } })
  assert(video.matrix == "bt709" and video.range == "full")
end

function T.a_cover_is_not_the_film()
  local video = film_in({}).video({
    a = { ["Video resolution"] = "600x600" },
    b = { ["Video resolution"] = "1920x1080", ["Decoded format"] = "Planar 4:2:0 YUV (I420)" },
    c = { ["Video resolution"] = "500x500" },
  })
  assert(video.width == 1920)
end

function T.nothing_known_is_nothing_told()
  local video = film_in({}).video({})
  assert(next(video) == nil)
end

function T.the_title_is_the_films_own()
  assert(account({ name = "x.mkv", uri = "file:///x.mkv", metas = { title = "Nausicaä" } }).title == "Nausicaä")
end

function T.a_file_without_a_title_is_called_by_its_name()
  assert(account({ name = "My.Film.2019.mkv", uri = "file:///a/My.Film.2019.mkv" }).title == "My.Film.2019")
  assert(account({ name = "My.Film.2019", uri = "file:///a/My.Film.2019" }).title == "My.Film.2019")
  assert(account({ name = "What? A Film.mp4", uri = "file:///What%3F%20A%20Film.mp4" }).title == "What? A Film")
end

function T.a_stream_is_called_by_what_its_address_says()
  assert(account({ name = "live?id=7", uri = "http://host/live?id=7" }).title == "live")
  assert(account({ name = "http://host/a/Some%20Film.m3u8?x", uri = "http://host/a" }).title == "Some Film")
  assert(account({ name = "", uri = "rtsp://camera.local:554/" }).title == "camera.local:554")
  assert(account({ name = "What? A Show", uri = "http://host/7" }).title == "What? A Show")
end

function T.a_password_never_leaves_vlc()
  local found = account({ name = "live", uri = "http://me:secret@host/live" })
  assert(found.uri == "http://host/live")
  assert(account({ name = "", uri = "http://me:secret@host/" }).title == "host")
end

function T.a_stream_without_an_end_has_no_length()
  assert(account({ name = "live", uri = "http://host/live", duration = 0 }).duration_s == nil)
  assert(account({ name = "a", uri = "file:///a", duration = 61.5 }).duration_s == 61.5)
end

return T
