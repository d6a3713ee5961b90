import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.stream.IntStream;

/** Asks as Java programs do: with the JDK's client as it is, which offers an upgrade to HTTP/2 on every new connection. */
public class Ask {
    public static void main(String[] arguments) throws Exception {
        String base = arguments[0];
        String body = arguments[1];
        var statuses = new ArrayList<String>();
        for (HttpClient.Version version : HttpClient.Version.values()) {
            for (boolean isChunked : new boolean[] {false, true}) {
                var client = HttpClient.newBuilder().version(version).build();
                var publisher = isChunked
                    ? BodyPublishers.fromPublisher(BodyPublishers.ofString(body))
                    : BodyPublishers.ofString(body);
                var post = HttpRequest.newBuilder(URI.create(base + "/screenings"))
                    .header("Content-Type", "application/json").POST(publisher).build();
                var expecting = HttpRequest.newBuilder(post, (name, value) -> true).expectContinue(true).build();
                var get = HttpRequest.newBuilder(URI.create(base + "/exercises?type=unstable")).build();
                for (HttpRequest one : new HttpRequest[] {post, get, expecting, post}) {
                    statuses.add("" + client.send(one, BodyHandlers.ofString()).statusCode());
                }
                var together = IntStream.range(0, 20).mapToObj(n -> client.sendAsync(post, BodyHandlers.ofString())).toList();
                for (var one : together) {
                    statuses.add("" + one.get().statusCode());
                }
            }
        }
        System.out.println(String.join(" ", statuses));
    }
}
