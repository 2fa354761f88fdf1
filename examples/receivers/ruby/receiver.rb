# A receiver in Ruby 3 or newer, as a Rack app: in Rails, the body of an action of a controller.
#   gem install rack rackup webrick
#   HOOKLINE_SECRET=whsec_… rackup --port 4000 config.ru

require "openssl"
require "set"

class Receiver
  TOLERANCE_SECONDS = 300

  def initialize(secret)
    @key = secret.delete_prefix("whsec_").unpack1("m0")
    # Instead of this, a table with a unique column: it outlives the process.
    @seen = Set.new
    @lock = Mutex.new
  end

  def call(env)
    return [405, {}, []] unless env["REQUEST_METHOD"] == "POST"
    # The bytes, not JSON.parse of them: JSON that was parsed and written again may differ.
    body = env["rack.input"]&.read.to_s.b
    return [401, {}, []] unless genuine?(env, body)
    id = env["HTTP_WEBHOOK_ID"]
    is_new = @lock.synchronize { @seen.add?(id) }
    # Store the event before the answer; work on it afterwards.
    puts "#{id} #{body}" if is_new
    [204, {}, []]
  end

  private

  def genuine?(env, body)
    id, timestamp = env["HTTP_WEBHOOK_ID"].to_s, env["HTTP_WEBHOOK_TIMESTAMP"].to_s
    return false if id.empty? || !timestamp.match?(/\A\d+\z/)
    return false if (Time.now.to_i - timestamp.to_i).abs > TOLERANCE_SECONDS
    right = [OpenSSL::HMAC.digest("SHA256", @key, "#{id}.#{timestamp}.".b + body)].pack("m0")
    env["HTTP_WEBHOOK_SIGNATURE"].to_s.split(" ").any? do |entry|
      entry.start_with?("v1,") && OpenSSL.secure_compare(entry.delete_prefix("v1,"), right)
    end
  end
end
