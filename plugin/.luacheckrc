-- The common subset of Lua 5.1 to 5.4, with VLC's one table.
std = "min"
read_globals = { "vlc" }
max_line_length = 120
