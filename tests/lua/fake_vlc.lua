--[[ A stand-in for the `vlc` table of VLC 3 and VLC 4, with a clock that moves only when a test moves it.

`new{version = 3}` makes a player with one film on screen. `player.vlc` is the table that a script of VLC would see;
the rest of `player` is the world around it: `frame()` draws a frame as VLC's video output does, `press(code)` is a key,
`sleep_us` what `mwait` waited in all. Objects raise on a variable that they do not have, as VLC's do.
]]

local M = {}

local MIRRORED = { "logo-file", "logo-x", "logo-y", "logo-position", "logo-opacity", "logo-repeat", "logo-delay" }

-- The filters of a sub-source chain, `name{options}` each; quotes guard what is between them.
local function parse_chain(chain)
  local filters, i = {}, 1
  while i <= #chain do
    local name = chain:match("^[%w_]+", i)
    assert(name, "not a filter chain: " .. chain:sub(i))
    i = i + #name
    local options = {}
    if chain:sub(i, i) == "{" then
      i = i + 1
      while chain:sub(i, i) ~= "}" do
        local key = assert(chain:match("^[%w-]+", i), "no option at: " .. chain:sub(i))
        i = i + #key + 1
        local value = {}
        if chain:sub(i, i) == '"' then
          i = i + 1
          while chain:sub(i, i) ~= '"' do
            if chain:sub(i, i) == "\\" then i = i + 1 end
            value[#value + 1] = chain:sub(i, i)
            i = i + 1
            assert(i <= #chain, "a quote without its end: " .. chain)
          end
          i = i + 1
        else
          value[1] = chain:match("^[^,}]*", i)
          i = i + #value[1]
        end
        options[key] = table.concat(value)
        if chain:sub(i, i) == "," then i = i + 1 end
      end
      i = i + 1
    end
    filters[#filters + 1] = { name = name, options = options }
    i = i + 1 -- the colon
  end
  return filters
end

local function new_object(variables)
  return { variables = variables or {}, callbacks = {} }
end

--- A video output as VLC has it.
function M.new_vout(sub_source)
  local vout = new_object({ ["sub-source"] = sub_source or "", ["osd"] = true })
  vout.filters = parse_chain(sub_source or "")
  return vout
end

-- What the video output does once a frame: build a changed chain again, with the first of each filter mirrored.
local function draw_frame(vout, mirrors)
  local chain = vout.variables["sub-source"] or ""
  if chain ~= vout.drawn_chain then
    vout.drawn_chain = chain
    vout.built = (vout.built or 0) + 1
    for _, name in ipairs(MIRRORED) do vout.variables[name] = nil end
    vout.logo = nil
    vout.filters = parse_chain(chain)
    for _, filter in ipairs(vout.filters) do
      if filter.name == "logo" and not vout.logo then
        vout.logo = filter.options
        if mirrors then
          for _, name in ipairs(MIRRORED) do vout.variables[name] = name == "logo-file" and "" or -1 end
        end
      end
    end
  end
end

local VIDEO_INFO = {
  ["Type"] = "Video", ["Video resolution"] = "1920x1080", ["Color space"] = "ITU-R BT.709 Range",
  ["Decoded format"] = "Planar 4:2:0 YUV (I420)", ["Orientation"] = "Top left", ["Frame rate"] = "24",
}

-- What plays, as VLC's input item.
local function new_item(player)
  return {
    name = function() return player.title .. ".mkv" end,
    uri = function() return "file:///films/" .. player.title .. ".mkv" end,
    duration = function() return 14400 end,
    metas = function() return { title = player.title } end,
    set_meta = function()
      if player.on_meta then player.on_meta() end
    end,
    info = function() return { ["Stream 0"] = VIDEO_INFO } end,
  }
end

--- A player; `options.version` is 3 or 4, `options.mirrors` false for one that does not mirror a filter's variables.
function M.new(options)
  options = options or {}
  local player = { now_us = 1000000, sleep_us = 0, messages = {}, log = {}, title = "Film", shots = 0 }
  player.vout = M.new_vout(options.sub_source)
  player.input = new_object({ time = 0, state = 2, rate = 1 })
  player.libvlc = new_object({ ["key-pressed"] = 0, ["snapshot-file"] = "" })
  local mirrors = options.mirrors ~= false

  local function variable(object, name)
    assert(type(object) == "table" and object.variables, "no object")
    return object.variables[name]
  end

  local vlc = {}
  player.vlc = vlc

  vlc.var = {
    get = function(object, name) return variable(object, name) end,
    set = function(object, name, value)
      if variable(object, name) == nil then error("variable " .. name .. " does not exist", 2) end
      object.variables[name] = value
      local option = name:match("^logo%-(.*)")
      if option and object.logo then object.logo[option] = value end
      return 0
    end,
    create = function(object, name, value)
      assert(type(value) ~= "number", "a number becomes a float")
      object.variables[name] = value
      return 0
    end,
    trigger_callback = function(object, name)
      if object.callbacks[name] then object.callbacks[name]() end
      return 0
    end,
  }
  vlc.object = {
    libvlc = function() return player.libvlc end,
    vout = function() return player.vout end,
  }
  if options.version == 4 then
    vlc.player = {
      item = function() return player.title and new_item(player) end,
      get_time = function() return player.now_us end,
      get_rate = function() return 1 end,
      get_spu_tracks = function() return player.subtitles or {} end,
      toggle_spu_track = function(id)
        for _, track in ipairs(player.subtitles) do
          if track.id == id then track.selected = not track.selected end
        end
      end,
    }
    vlc.playlist = { status = function() return "playing" end }
  else
    vlc.object.input = function() return player.input end
    vlc.input = { item = function() return player.title and new_item(player) end }
  end
  vlc.misc = {
    mdate = function() return player.now_us end,
    mwait = function(until_us)
      if player.quits_at_us and until_us >= player.quits_at_us then error("Interrupted.", 0) end
      if until_us > player.now_us then
        player.sleep_us = player.sleep_us + until_us - player.now_us
        player.now_us = until_us
      end
      player.waits = (player.waits or 0) + 1
      if player.on_wait then player.on_wait() end
    end,
    version = function() return options.version == 4 and "4.0.0-dev Otto Chriek" or "3.0.24 Vetinari" end,
  }
  vlc.osd = {
    channel_register = function()
      player.channels = (player.channels or 0) + 1
      return player.channels
    end,
    message = function(text, _, place, duration_us)
      local message = { text = text, place = place, at_us = player.now_us, duration_us = duration_us }
      player.messages[#player.messages + 1] = message
    end,
  }
  vlc.msg = {}
  for _, level in ipairs({ "dbg", "info", "warn", "err" }) do
    vlc.msg[level] = function(text) player.log[#player.log + 1] = level .. ": " .. text end
  end
  vlc.io = {
    open = io.open,
    unlink = os.remove,
    mkdir = function(path) return os.execute('mkdir "' .. path .. '" 2>&-') end,
    readdir = function(path)
      local names = {}
      local listing = io.popen('ls -a "' .. path .. '" 2>&-')
      for name in listing:lines() do names[#names + 1] = name end
      listing:close()
      return names
    end,
  }
  vlc.gettext = { _ = function(text) return text end, N_ = function(text) return text end }
  player.config = { osd = true, ["snapshot-path"] = "", ["snapshot-format"] = "png", ["snapshot-preview"] = true }
  vlc.config = {
    get = function(name) return player.config[name] end,
    set = function(name, value) player.config[name] = value end,
    userdatadir = function() return options.userdatadir or "/nowhere/vlc" end,
    homedir = function() return options.homedir or "/nowhere" end,
  }

  -- VLC's snapshot: a tiny whole BMP where it was asked for.
  local function snapshot()
    local vout = player.vout
    local path = vout.variables["snapshot-path"]
    player.shots = player.shots + 1
    player.logo_in_shot = vout.logo ~= nil
    player.now_us = player.now_us + 90000
    if player.shot_fails then return end
    local file = io.open(path, "wb")
    if not file then return end
    file:write("BM", string.char(58, 0, 0, 0), string.rep("\0", 12), string.char(1, 0, 0, 0, 1, 0, 0, 0))
    file:write(string.rep("\0", 32))
    file:close()
    player.libvlc.variables["snapshot-file"] = path
  end

  --- Another film, with a video output of its own.
  function player.play(title)
    player.title = title
    player.vout = M.new_vout(options.sub_source)
    player.vout.callbacks["video-snapshot"] = snapshot
  end
  player.play("Film")

  --- The video output draws a frame.
  function player.frame() if player.vout then draw_frame(player.vout, mirrors) end end

  --- Time passes, frames are drawn, `step` is called every `every_us`.
  function player.run(duration_us, step, every_us)
    local end_us = player.now_us + duration_us
    while player.now_us < end_us do
      player.now_us = player.now_us + (every_us or 30000)
      player.frame()
      if step then step(player.now_us) end
    end
  end

  --- The key with VLC's code is pressed.
  function player.press(code) player.libvlc.variables["key-pressed"] = code end

  return player
end

return M
