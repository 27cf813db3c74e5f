-- lua run.lua PLUGIN_MODULES TESTS_FOLDER NAME: runs each function of the table that the file NAME returns.

local modules, here, name = arg[1], arg[2], arg[3]
package.path = modules .. "/?.lua;" .. here .. "/?.lua;" .. package.path

local names, tests = {}, require(name)
for case in pairs(tests) do names[#names + 1] = case end
table.sort(names)

local failed = 0
for _, case in ipairs(names) do
  local ok, why = xpcall(tests[case], debug.traceback)
  print((ok and "ok " or "FAILED ") .. case)
  if not ok then
    failed = failed + 1
    print(why)
  end
end
print(string.format("%d of %d passed", #names - failed, #names))
os.exit(failed == 0 and #names > 0 and 0 or 1)
