require_relative "receiver"

run Receiver.new(ENV.fetch("HOOKLINE_SECRET"))
