-- The overlay against a stand-in for VLC: what lies over the film, when, and what becomes of the viewer's own chain.

local fake_vlc = require "fake_vlc"

local T = {}

local STRIP = "/home/u/Pictures/Cinepalette/Inbox/replies/vlc-1.png"

local function begin(options)
  local player = fake_vlc.new(options)
  _G.vlc = player.vlc
  for name in pairs(package.loaded) do
    if name:find("^cinepalette%.") then package.loaded[name] = nil end
  end
  return player, require "cinepalette.overlay"
end

local function logo(player) return player.vout.logo end

function T.the_palette_glides_in_stays_three_seconds_and_is_gone()
  local player, overlay = begin()
  assert(overlay.show(player.vout, STRIP, { seconds = 3, position = "bottom" }, { strip = { 800, 100 } }))
  player.frame()
  assert(logo(player).file == STRIP)
  local first = tonumber(logo(player).opacity)
  assert(first > 60 and first < 128, "the first frame is visible, but not all there: " .. first)
  player.run(300000, overlay.tick)
  assert(tonumber(logo(player).opacity) == 255)
  local resting_y = tonumber(logo(player).y)
  player.run(2500000, overlay.tick)
  assert(tonumber(logo(player).opacity) == 255 and tonumber(logo(player).y) == resting_y)
  player.run(400000, overlay.tick)
  assert(tonumber(logo(player).opacity) < 255, "it fades after its time")
  player.run(500000, overlay.tick)
  assert(logo(player) == nil and player.vout.variables["sub-source"] == "")
  assert(not overlay.showing())
end

function T.a_prepared_palette_needs_no_new_chain()
  local player, overlay = begin({ sub_source = "marq{marquee=mine}" })
  overlay.prepare(player.vout)
  player.run(100000, overlay.tick)
  assert(logo(player).file == "" and tonumber(logo(player).opacity) == 0 and not overlay.showing())
  assert(player.vout.filters[2].options.marquee == "mine", "the viewer's own filter stays")
  local built = player.vout.built
  overlay.show(player.vout, STRIP, { position = "top-right" }, { strip = { 800, 100 } })
  player.frame()
  assert(player.vout.built == built)
  assert(logo(player).file == STRIP and tonumber(logo(player).position) == 6 and tonumber(logo(player).x) == 25)
  assert(tonumber(logo(player).opacity) > 60, "its first frame is visible")
  player.run(100000, overlay.tick)
  assert(tonumber(logo(player).opacity) == 255 and tonumber(logo(player).y) == 25)
  player.run(4000000, overlay.tick)
  assert(player.vout.variables["sub-source"] == "marq{marquee=mine}")
end

function T.a_palette_that_comes_before_the_next_frame_is_shown_all_the_same()
  local player, overlay = begin()
  overlay.prepare(player.vout)
  overlay.show(player.vout, STRIP, {}, { strip = { 800, 100 } })
  player.frame()
  assert(logo(player).file == STRIP)
end

function T.what_was_prepared_in_vain_is_taken_back()
  local player, overlay = begin()
  overlay.prepare(player.vout)
  overlay.prepare(player.vout)
  player.run(3500000, overlay.tick)
  assert(logo(player), "an answer may come as late as this")
  player.run(1000000, overlay.tick)
  assert(not logo(player) and player.vout.variables["sub-source"] == "")
  overlay.prepare(nil)
end

function T.it_only_moves_forward_while_it_glides_in()
  local player, overlay = begin()
  overlay.show(player.vout, STRIP, {}, { strip = { 800, 100 } })
  player.frame()
  local opacity, y = 0, -1
  player.run(400000, function(now_us)
    overlay.tick(now_us)
    assert(tonumber(logo(player).opacity) >= opacity and tonumber(logo(player).y) >= y)
    opacity, y = tonumber(logo(player).opacity), tonumber(logo(player).y)
  end)
  assert(y == 25, "the margin is in proportion to the strip: " .. y)
end

function T.the_viewers_own_chain_is_left_as_it_was()
  local own = 'marq{marquee="It\'s, mine; really",color=0xff0000}:logo{file=/home/u/own.png,position=6}'
  local player, overlay = begin({ sub_source = own })
  overlay.show(player.vout, STRIP, {})
  player.frame()
  assert(#player.vout.filters == 3 and player.vout.filters[1].options.file == STRIP)
  assert(player.vout.filters[2].options.marquee == "It's, mine; really")
  assert(player.vout.filters[3].options.file == "/home/u/own.png")
  player.run(5000000, overlay.tick)
  assert(player.vout.variables["sub-source"] == own)
end

function T.a_chain_that_the_viewer_changes_meanwhile_is_theirs()
  local player, overlay = begin()
  overlay.show(player.vout, STRIP, {})
  player.run(500000, overlay.tick)
  player.vout.variables["sub-source"] = "marq{marquee=now}"
  player.run(5000000, overlay.tick)
  assert(player.vout.variables["sub-source"] == "marq{marquee=now}")
  assert(not overlay.showing())
end

function T.the_next_still_takes_the_place_of_the_one_that_shows()
  local player, overlay = begin()
  overlay.show(player.vout, STRIP, {}, { strip = { 800, 100 } })
  player.run(2000000, overlay.tick)
  local built = player.vout.built
  overlay.show(player.vout, "/next.png", {}, { strip = { 800, 100 } })
  player.frame()
  assert(logo(player).file == "/next.png" and tonumber(logo(player).opacity) == 255)
  assert(player.vout.built == built, "no gap: the chain was not built again")
  player.run(2500000, overlay.tick)
  assert(logo(player), "its three seconds begin anew")
  player.run(1500000, overlay.tick)
  assert(not logo(player))
end

function T.a_still_before_the_first_one_is_on_screen_replaces_it()
  local player, overlay = begin()
  overlay.show(player.vout, STRIP, {})
  overlay.show(player.vout, "/next.png", {})
  player.run(1000000, overlay.tick)
  assert(logo(player).file == "/next.png")
  player.run(5000000, overlay.tick)
  assert(player.vout.variables["sub-source"] == "")
end

function T.paths_that_end_a_filters_options_are_quoted()
  local player, overlay = begin()
  local path = [[/home/ü/it's "so" {odd} \ (x)/vlc:1.png]]
  assert(overlay.show(player.vout, path, {}))
  player.frame()
  assert(logo(player).file == path, logo(player).file)
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

function T.a_path_that_the_logo_filter_would_split_is_shown_from_a_copy()
  local player, overlay = begin({ userdatadir = "data" })
  os.execute('mkdir -p data/lua "inbox, mine;"')
  write("inbox, mine;/strip.png", "a picture")
  assert(overlay.show(player.vout, "inbox, mine;/strip.png", { seconds = 1 }))
  player.frame()
  assert(not logo(player).file:find("[,;]") and read(logo(player).file) == "a picture")
  local copy = logo(player).file
  player.run(3000000, overlay.tick)
  assert(read(copy) == nil and read("inbox, mine;/strip.png") == nil, "neither stays")
end

function T.where_no_copy_can_be_kept_either_nothing_is_shown()
  local player, overlay = begin({ userdatadir = "da,ta" })
  os.execute('mkdir -p "da,ta/lua"')
  write("da,ta/strip.png", "a picture")
  assert(not overlay.show(player.vout, "da,ta/strip.png", {}))
  player.frame()
  assert(player.vout.variables["sub-source"] == "" and not overlay.showing())
  assert(read("da,ta/strip.png") == "a picture", "it is left to the caller")
end

function T.the_pictures_are_removed_when_they_are_through()
  local player, overlay = begin()
  write("one.png", "1")
  write("two.png", "2")
  overlay.show(player.vout, "one.png", {})
  player.run(1000000, overlay.tick)
  assert(read("one.png") == "1")
  overlay.show(player.vout, "two.png", {})
  assert(read("one.png") == nil and read("two.png") == "2")
  player.run(5000000, overlay.tick)
  assert(read("two.png") == nil)
end

function T.a_video_output_that_is_gone_takes_the_overlay_with_it()
  local player, overlay = begin()
  local old = player.vout
  overlay.show(old, STRIP, {})
  player.run(500000, overlay.tick)
  player.vout = fake_vlc.new_vout()
  player.run(500000, overlay.tick)
  overlay.show(player.vout, "/next.png", {})
  player.run(500000, overlay.tick)
  assert(logo(player).file == "/next.png")
  assert(old.variables["sub-source"] == "", "the old one may be used again for the next film")
  assert(overlay.show(nil, STRIP, {}) == false)
end

function T.an_output_whose_variables_have_gone_raises_nothing()
  local player, overlay = begin()
  overlay.show(player.vout, STRIP, {})
  player.run(200000, overlay.tick)
  player.vout.variables = {}
  player.run(5000000, overlay.tick)
  overlay.hide()
  assert(not overlay.showing())
  assert(overlay.show(player.vout, STRIP, {}) == false, "it cannot be shown here")
end

function T.a_vlc_that_mirrors_nothing_shows_it_without_gliding()
  local player, overlay = begin({ version = 4, mirrors = false })
  overlay.show(player.vout, STRIP, { seconds = 2 })
  player.run(600000, overlay.tick)
  assert(tonumber(logo(player).opacity) == 255)
  local built = player.vout.built
  player.run(1000000, overlay.tick)
  assert(player.vout.built == built)
  player.run(1000000, overlay.tick)
  assert(not logo(player) and not overlay.showing())
end

function T.it_goes_on_time_after_a_loop_that_was_held_up()
  local player, overlay = begin()
  overlay.show(player.vout, STRIP, { seconds = 3 })
  player.run(300000, overlay.tick)
  player.now_us = player.now_us + 3000000
  player.run(600000, overlay.tick)
  assert(not overlay.showing())
end

function T.settings_out_of_a_strange_file_fall_back()
  local player, overlay = begin()
  for _, settings in ipairs({ {}, { position = "somewhere", seconds = "long" }, { position = 7 } }) do
    assert(overlay.show(player.vout, STRIP, settings))
    player.frame()
    assert(tonumber(logo(player).position) == 8)
    overlay.hide()
  end
end

function T.each_place_is_reached()
  local corners = { ["bottom-left"] = 9, ["bottom-right"] = 10, ["top-left"] = 5, ["top-right"] = 6 }
  local places = { bottom = 8, top = 4 }
  for place, code in pairs(corners) do places[place] = code end
  local player, overlay = begin()
  for place, code in pairs(places) do
    overlay.show(player.vout, STRIP, { position = place }, { strip = { 800, 100 } })
    player.frame()
    assert(tonumber(logo(player).position) == code, place)
    overlay.hide()
    player.frame()
  end
end

function T.on_anamorphic_video_it_is_centered_as_it_is_seen()
  -- A DVD: 720x576 coded, 1024x576 seen.
  local player, overlay = begin()
  local sizes = { strip = { 500, 50 }, frame = { 1024, 576 }, coded_width = 720 }
  local function x_at(place)
    overlay.show(player.vout, STRIP, { position = place }, sizes)
    player.frame()
    local x, position = tonumber(logo(player).x), tonumber(logo(player).position)
    overlay.hide()
    player.frame()
    return x, position
  end
  local x, position = x_at("bottom")
  assert(x == 262 and position == 9)
  x, position = x_at("top-right")
  assert(x == 512 and position == 5, x)
  x = x_at("bottom-left")
  assert(x == 13)
end

function T.a_hundred_overlays_leave_nothing_behind()
  local player, overlay = begin()
  local function evening()
    for n = 1, 100 do
      overlay.show(player.vout, "/strip" .. n .. ".png", {})
      player.run(4000000, overlay.tick)
    end
    collectgarbage()
    return collectgarbage("count")
  end
  evening()
  local before_kb = evening()
  assert(evening() - before_kb < 2)
end

return T
