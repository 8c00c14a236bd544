<?php
// php-curl: libcurl's own loop in PHP, with curl_multi.
//
//     thread      poll(all sockets) ... look at every handle, poll(all sockets) ...
//     client A    [request ....wait...............]
//     client B    [request ....wait.......................]
//                 each turn costs as much as there are handles            time ->
//
// The `multi-poll` model in PHP, where it is the way to have several requests in flight. The same library
// does the same work with the same options, so what is left between the two is the language. PHP sees a
// request begin and end, and each piece of its body.
//
// What it costs: some calls of the interpreter for each request; a turn looks at all handles.
//
// What to look for in the results: CPU per request beside `multi-poll` and `py-pycurl`.
require __DIR__ . '/../contract.php';

const LONGEST_WAIT_NS = 1000000000;
const CLASSES = [
    CURLE_COULDNT_RESOLVE_HOST => 'resolve', CURLE_COULDNT_CONNECT => 'connect', CURLE_PARTIAL_FILE => 'short',
    CURLE_SSL_CONNECT_ERROR => 'tls', CURLE_SSL_PEER_CERTIFICATE => 'tls', CURLE_SSL_CACERT_BADFILE => 'tls',
    CURLE_SSL_CIPHER => 'tls', CURLE_SSL_CERTPROBLEM => 'tls', 83 => 'tls', // CURLE_SSL_ISSUER_ERROR
    CURLE_OPERATION_TIMEOUTED => 'timeout', CURLE_SEND_ERROR => 'reset', CURLE_RECV_ERROR => 'reset',
    CURLE_GOT_NOTHING => 'reset', CURLE_UNSUPPORTED_PROTOCOL => 'protocol', CURLE_FTP_WEIRD_SERVER_REPLY => 'protocol',
    CURLE_BAD_CONTENT_ENCODING => 'protocol'];

// A handle of libcurl, and the request that it has in hand.
class Client
{
    public CurlHandle $easy;
    public ?array $ticket = null;
    public int $start = 0, $size = 0;

    public function __construct(private Contract $run, public int $worker)
    {
        $this->easy = curl_init();
        $told = $run->told;
        curl_setopt_array($this->easy, [ // the options of runtime/task/fetch.c
            CURLOPT_URL => $run->url($worker),
            CURLOPT_NOSIGNAL => true,
            CURLOPT_NOPROXY => '*',
            CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
            CURLOPT_TIMEOUT_MS => (int) $told['timeout_ms'],
            CURLOPT_BUFFERSIZE => 16384,
            CURLOPT_WRITEFUNCTION => $this->count_body(...),
            CURLOPT_FORBID_REUSE => !$told['keepalive'],
            CURLOPT_PRIVATE => $worker,
            CURLOPT_SSL_VERIFYPEER => !$told['insecure'],
            CURLOPT_SSL_VERIFYHOST => $told['insecure'] ? 0 : 2]);
        if ($told['cacert'] !== '') {
            curl_setopt($this->easy, CURLOPT_CAINFO, $told['cacert']);
        }
        if ($told['resolve'] !== '') {
            curl_setopt($this->easy, CURLOPT_RESOLVE, [$told['resolve']]);
        }
    }

    private function count_body(CurlHandle $easy, string $piece): int
    {
        $this->size += strlen($piece);
        return strlen($piece);
    }

    public function end(int $code): void
    {
        $status = curl_getinfo($this->easy, CURLINFO_RESPONSE_CODE);
        $outcome = $status === 101 ? 'protocol' : ($status >= 400 ? 'status' : 'ok');
        if ($code !== CURLE_OK) {
            $outcome = CLASSES[$code] ?? 'other';
        }
        if ($outcome === 'reset' && str_contains(curl_error($this->easy), 'chunk')) { // libcurl has one code for both
            $outcome = 'protocol';
        }
        $this->run->connected(curl_getinfo($this->easy, CURLINFO_NUM_CONNECTS));
        $this->run->end($this->ticket, $this->start, $outcome, $this->size);
    }
}

class Loop
{
    private CurlMultiHandle $multi;
    private SplPriorityQueue $due;
    private int $in_flight = 0;

    public function __construct(private Contract $run, private array $clients)
    {
        $this->multi = curl_multi_init();
        $this->due = new SplPriorityQueue();
        curl_multi_setopt($this->multi, CURLMOPT_MAXCONNECTS, count($clients));
    }

    // The client's next request: begun, or kept until it is due.
    private function take(Client $client): void
    {
        $client->ticket = $this->run->take($client->worker);
        if ($client->ticket && $this->run->ns_until($client->ticket) > 0) {
            $this->due->insert($client, -$client->ticket[1]);
        } elseif ($client->ticket) {
            $this->begin($client);
        }
    }

    private function begin(Client $client): void
    {
        $client->size = 0;
        $client->start = $this->run->begin();
        curl_multi_add_handle($this->multi, $client->easy);
        $this->in_flight++;
    }

    private function wait(): void
    {
        $wait = $this->due->isEmpty() ? LONGEST_WAIT_NS : min(LONGEST_WAIT_NS, $this->run->ns_until($this->due->top()->ticket));
        if ($this->in_flight) {
            curl_multi_select($this->multi, $wait / 1e9); // which is curl_multi_wait
        } else {
            usleep(intdiv($wait, 1000));
        }
    }

    private function end_finished(): void
    {
        $ended = [];
        while ($message = curl_multi_info_read($this->multi)) {
            $ended[] = $message;
        }
        foreach ($ended as $message) {
            $client = $this->clients[(int) curl_getinfo($message['handle'], CURLINFO_PRIVATE)];
            curl_multi_remove_handle($this->multi, $message['handle']);
            $this->in_flight--;
            $client->end($message['result']);
            $this->take($client);
        }
    }

    public function run(): void
    {
        foreach ($this->clients as $client) {
            $this->take($client);
        }
        while ($this->in_flight || !$this->due->isEmpty()) {
            $this->wait();
            while (!$this->due->isEmpty() && !$this->run->ns_until($this->due->top()->ticket)) {
                $this->begin($this->due->extract());
            }
            curl_multi_exec($this->multi, $running);
            $this->end_finished();
        }
    }
}

$run = new Contract();
$loop = new Loop($run, array_map(fn($worker) => new Client($run, $worker), range(0, $run->concurrency - 1)));
while ($run->next_part()) {
    $loop->run();
}
$run->finish($run->concurrency, ['libcurl' => curl_version()['version'], 'tls' => curl_version()['ssl_version']]);
