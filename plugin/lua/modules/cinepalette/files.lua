--[[ Small files by name. VLC's own io understands names in UTF-8 on every system; Lua's does not on Windows. ]]

local M = {}

local WINDOWS = package.config:sub(1, 1) == "\\"

local function open(path, mode)
  if vlc.io and vlc.io.open then return vlc.io.open(path, mode) end
  return io.open(path, mode)
end

--- All of a file, or its first bytes; nil when it cannot be read.
---@param path string
---@param bytes number|nil
---@return string|nil
function M.read(path, bytes)
  local file = open(path, "rb")
  if not file then return nil end
  local data = file:read(bytes or "*a")
  file:close()
  return data
end

--- The length of a file in bytes; nil when it is not there.
---@param path string
---@return number|nil
function M.size(path)
  local file = open(path, "rb")
  if not file then return nil end
  local size = file:seek("end")
  file:close()
  return size
end

--- Writes a file; true when all of it is there afterwards. VLC's close reports no error, so the length is looked up.
---@param path string
---@param data string
---@return boolean
function M.write(path, data)
  local file = open(path, "wb")
  if not file then return false end
  file:write(data)
  file:close()
  return M.size(path) == #data
end

--- Writes a file so that nobody sees a part of it, where the system lets us: Lua's rename knows no UTF-8 on Windows.
---@param path string
---@param data string
---@return boolean
function M.write_whole(path, data)
  if WINDOWS then return M.write(path, data) end
  local folder, name = path:match("^(.*/)([^/]*)$")
  local part = folder .. "." .. name .. ".part"
  if M.write(part, data) and os.rename(part, path) then return true end
  M.remove(part)
  return false
end

--- Removes a file, if it is there.
---@param path string
function M.remove(path)
  if vlc.io and vlc.io.unlink then
    vlc.io.unlink(path)
  else
    os.remove(path)
  end
end

--- Makes a folder with all that are missing above it.
---@param path string
function M.make_folder(path)
  if not (vlc.io and vlc.io.mkdir) then return end
  local made = path:match("^%a:[/\\]") or path:match("^[/\\]*")
  for name in path:sub(#made + 1):gmatch("[^/\\]+") do
    made = made .. name
    vlc.io.mkdir(made, "0755")
    made = made .. "/"
  end
end

return M
