-- Asks the same question in ever new words: each bit of a number says whether a letter of the query is percent-encoded.
local query = "type=unstable&limit=50"
local count = os.time() * 104729

request = function()
   count = count + 1
   local rest = count
   local written = query:gsub("%w", function(letter)
      local encoded = rest % 2 == 1
      rest = math.floor(rest / 2)
      return encoded and string.format("%%%02X", letter:byte()) or letter
   end)
   return wrk.format("GET", "/exercises?" .. written)
end
