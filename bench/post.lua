-- Sends one prepared posting after another; each has a form token of its own.
local bodies = {}
local sent = 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    bodies[#bodies + 1] = line
  end
end

function request()
  sent = sent % #bodies + 1
  return wrk.format("POST", "/api/v1/comments", { ["Content-Type"] = "application/json" }, bodies[sent])
end
