-- The two functions of VLC's dkjson that the plugin calls, so that its modules run where there is no VLC.

local M = {}

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

function M.encode(value)
  if type(value) == "string" then return '"' .. value:gsub('[%c"\\]', ESCAPES) .. '"' end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  if value[1] ~= nil then
    for _, each in ipairs(value) do parts[#parts + 1] = M.encode(each) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for key, each in pairs(value) do parts[#parts + 1] = M.encode(key) .. ":" .. M.encode(each) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

local read_value

local function skip(text, at) return text:match("^%s*()", at) end

local function read_string(text, at)
  local parts = {}
  while true do
    local plain, stop = text:match('^([^"\\]*)()', at)
    parts[#parts + 1] = plain
    local char = text:sub(stop, stop)
    if char == '"' then return table.concat(parts), stop + 1 end
    assert(char == "\\", "a string without its end")
    local escaped = text:sub(stop + 1, stop + 1)
    parts[#parts + 1] = ({ n = "\n", r = "\r", t = "\t" })[escaped] or escaped
    at = stop + 2
  end
end

local function read_members(text, at, close, read_member)
  at = skip(text, at)
  while text:sub(at, at) ~= close do
    at = skip(text, read_member(at))
    if text:sub(at, at) == "," then at = skip(text, at + 1) end
    assert(at <= #text, "no end")
  end
  return at + 1
end

function read_value(text, at)
  at = skip(text, at)
  local char = text:sub(at, at)
  if char == '"' then return read_string(text, at + 1) end
  if char == "{" then
    local object = {}
    return object, read_members(text, at + 1, "}", function(from)
      local key, after = read_string(text, from + 1)
      after = skip(text, after)
      assert(text:sub(after, after) == ":", "no colon")
      object[key], after = read_value(text, after + 1)
      return after
    end)
  end
  if char == "[" then
    local list = {}
    return list, read_members(text, at + 1, "]", function(from)
      local each, after = read_value(text, from)
      list[#list + 1] = each
      return after
    end)
  end
  local word, after = text:match("^([%w.+-]+)()", at)
  assert(word, "no value")
  if word == "true" then return true, after end
  if word == "false" then return false, after end
  if word == "null" then return nil, after end
  return assert(tonumber(word), "no number"), after
end

function M.decode(text)
  local ok, value = pcall(read_value, text, 1)
  if ok then return value end
  return nil, 1, value
end

return M
