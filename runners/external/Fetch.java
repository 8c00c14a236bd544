// Fetch: one GET with java.net.http, for the runners in Java. HTTP/1.1; no proxy, no redirect, no second try.
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.spi.SelectorProvider;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

final class Fetch {
    /** The system's channels, counted: the client tells nobody how many connections it opens. */
    public static final class Counting extends sun.nio.ch.EPollSelectorProvider {
        static final AtomicLong opened = new AtomicLong();

        @Override
        public SocketChannel openSocketChannel() throws IOException {
            opened.incrementAndGet();
            return super.openSocketChannel();
        }
    }

    /** Counts the bytes of a body, and keeps none. */
    private static final class Size implements HttpResponse.BodySubscriber<Long> {
        private final CompletableFuture<Long> size = new CompletableFuture<>();
        private long bytes;

        @Override
        public CompletionStage<Long> getBody() {
            return size;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers)
                bytes += buffer.remaining();
        }

        @Override
        public void onError(Throwable error) {
            size.completeExceptionally(error);
        }

        @Override
        public void onComplete() {
            size.complete(bytes);
        }
    }

    /** Trusts every certificate. The client leaves the name to the trust manager as well. */
    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** What became of a request: "ok" or its failure class, and the bytes of its body. */
    record Outcome(String kind, long size) {}

    private static final int PATIENCE_MS = 30_000; // with itself, on a busy machine

    private final HttpClient client;
    private final HttpRequest[] requests; // one for each URL

    /** executor: who runs what the client has to do; null: a pool of its own. */
    Fetch(Contract run, Executor executor) {
        System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
        System.setProperty("jdk.httpclient.disableRetryConnect", "true");
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "connection");
        System.setProperty(SelectorProvider.class.getName(), Counting.class.getName());
        HttpClient.Builder builder = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY);
        if (executor != null)
            builder.executor(executor);
        if (run.is("insecure") || !run.told("cacert").isEmpty())
            builder.sslContext(trust(run));
        client = builder.build();
        loadClasses();
        requests = run.urls.stream().map(url -> request(run, url)).toArray(HttpRequest[]::new);
    }

    /** Has one answer from a socket of this process, else the first request would wait for some hundred classes. */
    private void loadClasses() {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(PATIENCE_MS);
            URI here = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
            CompletableFuture<HttpResponse<Long>> sent = client.sendAsync(HttpRequest.newBuilder(here).build(), head -> new Size());
            try (Socket peer = server.accept()) {
                peer.setSoTimeout(PATIENCE_MS);
                peer.getInputStream().read(new byte[4096]);
                peer.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n1".getBytes());
                sent.orTimeout(PATIENCE_MS, TimeUnit.MILLISECONDS).join();
            }
        } catch (IOException | CompletionException error) {
            Contract.fail(3, "no connection to a socket of its own: " + error.getMessage());
        }
    }

    private static HttpRequest request(Contract run, String url) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(url));
        return run.isKeepalive ? builder.build() : builder.header("Connection", "close").build();
    }

    private static SSLContext trust(Contract run) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManager[] managers = {new Trusting()};
            if (!run.is("insecure")) {
                TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(load(run.told("cacert")));
                managers = factory.getTrustManagers();
            }
            context.init(null, managers, null);
            return context;
        } catch (GeneralSecurityException | IOException error) {
            Contract.fail(2, "cannot read the certificates: " + error.getMessage());
            return null;
        }
    }

    private static KeyStore load(String path) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = new FileInputStream(path)) {
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in))
                store.setCertificateEntry("ca" + store.size(), one);
        }
        return store;
    }

    /** Begins a GET of that worker's URL. The future ends with its response or its error; cancel(true) ends it before. */
    CompletableFuture<HttpResponse<Long>> send(int worker) {
        return client.sendAsync(requests[worker % requests.length], head -> new Size());
    }

    static Outcome outcome(HttpResponse<Long> response) {
        return new Outcome(response.statusCode() >= 400 ? "status" : "ok", response.body());
    }

    /** How many connections were opened since the last call. */
    static int takeOpened() {
        return (int) Counting.opened.getAndSet(0);
    }

    private static boolean has(Throwable error, Class<?> kind) {
        for (; error != null; error = error.getCause()) {
            if (kind.isInstance(error))
                return true;
        }
        return false;
    }

    private static boolean says(Throwable error, String part) {
        for (; error != null; error = error.getCause()) {
            if (error.getMessage() != null && error.getMessage().contains(part))
                return true;
        }
        return false;
    }

    static Outcome outcome(Throwable error) {
        return new Outcome(classOf(error), 0);
    }

    private static String classOf(Throwable error) {
        if (has(error, TimeoutException.class))
            return "timeout";
        if (has(error, UnresolvedAddressException.class) || has(error, UnknownHostException.class)) {
            Counting.opened.decrementAndGet(); // a channel, but no connection
            return "resolve";
        }
        if (has(error, SSLException.class))
            return "tls";
        if (has(error, ConnectException.class)) {
            Counting.opened.decrementAndGet();
            return "connect";
        }
        if (has(error, ProtocolException.class))
            return "protocol";
        if (says(error, "received no bytes") || says(error, "reset") || says(error, "Broken pipe"))
            return "reset";
        return has(error, EOFException.class) || says(error, "bytes received") ? "short" : "other";
    }
}
