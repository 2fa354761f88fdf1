// A receiver in Java 17 or newer, without a package; in Spring, the same of a `byte[]` that is @RequestBody.
//   HOOKLINE_SECRET=whsec_… PORT=4000 java Receiver.java

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Receiver {
  static final int MOST_BYTES = 1_000_000;
  static final long TOLERANCE_SECONDS = 300;
  /** Instead of this, a table with a unique column: it outlives the process. */
  static final Set<String> seen = ConcurrentHashMap.newKeySet();

  static boolean isGenuine(byte[] key, String id, String timestamp, String signatures, byte[] body)
      throws GeneralSecurityException {
    if (id == null || id.isEmpty() || timestamp == null || signatures == null) return false;
    if (!timestamp.matches("[0-9]{1,12}")) return false;
    long age = Instant.now().getEpochSecond() - Long.parseLong(timestamp);
    if (Math.abs(age) > TOLERANCE_SECONDS) return false;
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
    byte[] right = Base64.getEncoder().encode(mac.doFinal(body));
    for (String entry : signatures.split(" ")) {
      if (!entry.startsWith("v1,")) continue;
      byte[] given = entry.substring(3).getBytes(StandardCharsets.UTF_8);
      // Compares in constant time.
      if (MessageDigest.isEqual(given, right)) return true;
    }
    return false;
  }

  static int receive(HttpExchange exchange, byte[] key) throws IOException, GeneralSecurityException {
    if (!exchange.getRequestMethod().equals("POST")) return 405;
    // The bytes as they came: JSON that was parsed and written again may differ.
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
    if (body.length > MOST_BYTES) return 413;
    var headers = exchange.getRequestHeaders();
    String id = headers.getFirst("webhook-id");
    String timestamp = headers.getFirst("webhook-timestamp");
    if (!isGenuine(key, id, timestamp, headers.getFirst("webhook-signature"), body)) return 401;
    // Store the event before the answer; work on it afterwards.
    if (seen.add(id)) System.out.println(id + " " + new String(body, StandardCharsets.UTF_8));
    return 204;
  }

  public static void main(String[] arguments) throws IOException {
    String secret = System.getenv("HOOKLINE_SECRET");
    if (secret == null) throw new IllegalStateException("HOOKLINE_SECRET is missing.");
    byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "4000"));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.createContext("/", exchange -> {
      try (exchange) {
        exchange.sendResponseHeaders(receive(exchange, key), -1);
      } catch (GeneralSecurityException error) {
        throw new IOException(error);
      }
    });
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }
}
