<?php
// contract: what the runners in PHP share. runners/external/README.md says what a program is told and
// what it writes; what waiting means is the runner's business:
//
//     $run = new Contract();
//     while ($run->next_part()) {                    // warm requests, if any are wanted, then the others
//         // in each worker, all at once; $worker: its number, from 0
//         while ($ticket = $run->take($worker)) {    // [number, when it is due (0: at once), worker]
//             // wait $run->ns_until($ticket)
//             $start = $run->begin();
//             [$outcome, $size] = ...;               // "ok" or a failure class; bytes of the body
//             $run->end($ticket, $start, $outcome, $size);
//         }
//     }
//     $run->finish($units, ["library" => $version]);

const TRACE_MAX = 10000;
const LIMIT_NS = 1 << 37;
const LOW = 0xffffffff;

function fail(int $code, string $text): never
{
    fwrite(STDERR, $text . "\n");
    exit($code);
}

// CPU time of the process in nanoseconds; the system counts microseconds.
function cpu_ns(): int
{
    $used = getrusage();
    return ($used['ru_utime.tv_sec'] + $used['ru_stime.tv_sec']) * 1000000000
        + ($used['ru_utime.tv_usec'] + $used['ru_stime.tv_usec']) * 1000;
}

// Modulo 2^64, in halves: an integer of PHP that overflows becomes a float.
function add64(int $a, int $b): int
{
    $low = ($a & LOW) + ($b & LOW);
    $high = ($a >> 32 & LOW) + ($b >> 32 & LOW) + ($low >> 32);
    return ($high & LOW) << 32 | $low & LOW;
}

function mul64(int $a, int $b): int
{
    $product = 0;
    for ($shift = 0; $shift < 64; $shift += 16) {
        $digit = $b >> $shift & 0xffff;
        $part = add64(($a & LOW) * $digit, (($a >> 32 & LOW) * $digit & LOW) << 32);
        $product = add64($product, $part << $shift);
    }
    return $product;
}

function shift64(int $a, int $bits): int
{
    return $a >> $bits & (1 << 64 - $bits) - 1;
}

// Every power of two is cut into 64 buckets, as in common/hist.h.
class Histogram
{
    public int $overflow = 0, $sum = 0;
    public ?int $min = null, $max = null;
    private array $counts = [];

    public function add(int $value): void
    {
        $value = max(0, $value);
        $this->sum += $value;
        $this->min = min($this->min ?? $value, $value);
        $this->max = max($this->max ?? $value, $value);
        if ($value >= LIMIT_NS) {
            $this->overflow++;
            return;
        }
        $shift = 0;
        while ($value >> $shift >= 128) {
            $shift++;
        }
        $edge = $value >> $shift << $shift;
        $this->counts[$edge] = ($this->counts[$edge] ?? 0) + 1;
    }

    public function buckets(): array
    {
        ksort($this->counts);
        return array_map(null, array_keys($this->counts), array_values($this->counts));
    }
}

// What one part of the run counts.
class Part
{
    public int $taken = 0, $in_flight = 0, $peak = 0, $done = 0, $bytes = 0, $connections = 0, $last = 0, $cpu = 0;
    public ?int $first = null, $begin = null;
    public float $offset = 0.0;
    public array $failed = [], $made = [], $rows = [], $dues = [];
    public Histogram $latency, $response, $lag;

    public function __construct()
    {
        [$this->latency, $this->response, $this->lag] = [new Histogram(), new Histogram(), new Histogram()];
    }
}

class Contract
{
    public array $told = [], $urls = [];
    public int $concurrency;
    private int $requests, $warm, $rate, $random = 0, $parts = 0;
    private bool $is_warm = false;
    private ?Part $part = null, $warm_end = null;

    public function __construct()
    {
        foreach (array_slice($_SERVER['argv'], 1) as $word) {
            [$key, $value] = explode('=', $word, 2);
            if ($key === 'url') {
                $this->urls[] = $value;
            }
            $this->told[$key] = $value;
        }
        [$this->requests, $this->concurrency, $this->warm, $this->rate] =
            array_map(fn($key) => (int) $this->told[$key], ['requests', 'concurrency', 'warm', 'rate']);
        foreach (str_split($this->told['seed']) as $digit) { // it has 64 bits, PHP's integers 63
            $this->random = add64(mul64($this->random, 10), (int) $digit);
        }
    }

    public function url(int $worker): string
    {
        return $this->urls[$worker % count($this->urls)];
    }

    // Begins the warm requests, or those that count; false when both are over.
    public function next_part(): bool
    {
        if ($this->is_warm) {
            $this->warm_end = $this->part;
        }
        if ($this->parts === 2) {
            return false;
        }
        $this->is_warm = $this->parts === 0 && $this->warm > 0;
        $this->parts = $this->is_warm ? 1 : 2;
        $this->part = new Part();
        return true;
    }

    // The next request of this worker; null when there is none.
    public function take(int $worker): ?array
    {
        $part = $this->part;
        if ($this->is_warm) {
            $made = $part->made[$worker] ?? 0;
            $part->made[$worker] = $made + 1;
            return $made === $this->warm ? null : [TRACE_MAX + $made, 0, $worker];
        }
        if ($part->taken === $this->requests) {
            return null;
        }
        return [$part->taken++, $this->rate ? $this->arrival() : 0, $worker];
    }

    private function arrival(): int
    {
        $part = $this->part;
        $part->begin ??= hrtime(true);
        $due = $part->begin + (int) $part->offset;
        $part->offset += ($this->told['poisson'] ? -log($this->uniform()) : 1) * 1e9 / $this->rate;
        return $due;
    }

    // splitmix64, as in runtime/schedule.c: in (0, 1].
    private function uniform(): float
    {
        $this->random = $x = add64($this->random, -0x61c8864680b583eb); // 0x9e3779b97f4a7c15, with a sign
        $x = mul64($x ^ shift64($x, 30), -0x40a7b892e31b1a47); // 0xbf58476d1ce4e5b9
        $x = mul64($x ^ shift64($x, 27), -0x6b2fb644ecceee15); // 0x94d049bb133111eb
        $x ^= shift64($x, 31);
        return (shift64($x, 11) + 1) * 2.0 ** -53;
    }

    // How long until the request is due; 0: it is.
    public function ns_until(array $ticket): int
    {
        return $ticket[1] ? max(0, $ticket[1] - hrtime(true)) : 0;
    }

    public function connected(int $count): void
    {
        $this->part->connections += $count;
    }

    public function begin(): int
    {
        $part = $this->part;
        $part->peak = max($part->peak, ++$part->in_flight);
        $now = hrtime(true);
        if ($part->first === null) {
            [$part->first, $part->cpu] = [$now, cpu_ns()];
        }
        return $now;
    }

    public function end(array $ticket, int $start, string $outcome, int $size): void
    {
        $now = hrtime(true);
        $part = $this->part;
        [$number, $due, $worker] = $ticket;
        $part->in_flight--;
        $part->last = $now;
        if ($this->told['trace'] && $number < TRACE_MAX) {
            $part->rows[$number] = [$number, $start - $part->first, $now - $part->first, $worker];
            $part->dues[$number] = [$number, $due - $part->first];
        }
        if ($due) {
            $part->lag->add($start - $due);
        }
        if ($outcome === 'ok') {
            $part->bytes += $size;
            $part->latency->add($now - $start);
            if ($due) {
                $part->response->add($now - $due);
            }
        } else {
            $part->failed[$outcome] = ($part->failed[$outcome] ?? 0) + 1;
        }
        if (++$part->done === $this->requests) {
            $part->cpu = cpu_ns() - $part->cpu;
        }
    }

    // The document without its head.
    private function document(int $units): array
    {
        $p = $this->part;
        ksort($p->rows);
        ksort($p->dues);
        $all = [
            'ok' => $p->done - array_sum($p->failed), 'failed' => (object) $p->failed, 'bytes_received' => $p->bytes,
            'connections_opened' => $p->connections, 'units_created' => $units, 'peak_in_flight' => $p->peak,
            'setup_ns' => $p->first - (int) $this->told['started_ns'], 'measured_ns' => $p->last - $p->first,
            'cpu_measured_ns' => $p->cpu, 'latency_ns' => $p->latency->buckets(), 'overflow' => $p->latency->overflow,
            'latency_sum_ns' => $p->latency->min === null ? null : $p->latency->sum,
            'latency_min_ns' => $p->latency->min, 'latency_max_ns' => $p->latency->max];
        if ($this->warm_end) {
            $all += ['warm_requests' => $this->warm_end->done, 'warm_failed' => (object) $this->warm_end->failed];
        }
        if ($this->rate) {
            $all += ['response_ns' => $p->response->buckets(), 'response_overflow' => $p->response->overflow,
                'response_max_ns' => $p->response->max, 'lag_ns' => $p->lag->buckets(), 'lag_overflow' => $p->lag->overflow];
        }
        if ($this->told['trace']) {
            $all += ['trace_ns' => array_values($p->rows)] + ($this->rate ? ['trace_due_ns' => array_values($p->dues)] : []);
        }
        return $all + ['teardown_ns' => hrtime(true) - $p->last];
    }

    // Writes the document; the knobs are the versions of what could bias a comparison.
    public function finish(int $units, array $knobs): void
    {
        $own = json_encode(['php' => PHP_VERSION] + $knobs);
        $text = "{$this->told['head']}," . substr($own, 1) . ',' . substr(json_encode($this->document($units)), 1) . "\n";
        $out = fopen("php://fd/{$this->told['result_fd']}", 'w');
        if (!$out || @fwrite($out, $text) !== strlen($text)) {
            fail(3, 'cannot write the result document');
        }
    }
}
