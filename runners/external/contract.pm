# contract: what the runners in Perl share. runners/external/README.md says what a program is told
# and what it writes; what waiting means is the runner's business:
#
#     my $run = contract->new;
#     while ($run->next_part) {                     # warm requests, if any are wanted, then the others
#         # in each worker, all at once; $worker: its number, from 0
#         while (my $ticket = $run->take($worker)) {
#             # wait $run->seconds_until($ticket)
#             my $start = $run->begin;
#             my ($outcome, $size) = ...;           # "ok" or a failure class; bytes of the body
#             $run->compute;
#             $run->end($ticket, $start, $outcome, $size);
#         }
#     }
#     $run->finish($units, library => $version);
package contract;

use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID);

use constant { TRACE_MAX => 10000, LIMIT_NS => 1 << 37 };

sub now_ns { int(clock_gettime(CLOCK_MONOTONIC) * 1e9) }
sub cpu_ns { int(clock_gettime(CLOCK_PROCESS_CPUTIME_ID) * 1e9) }

sub fail {
    my ($code, $text) = @_;
    print STDERR "$text\n";
    require POSIX;
    POSIX::_exit($code);
}

sub new {
    my ($class) = @_;
    my (%told, @urls);
    for (@ARGV) {
        my ($key, $value) = /^(\w+)=(.*)$/s or next;
        $key eq 'url' ? push @urls, $value : ($told{$key} = $value);
    }
    my $self = bless { %told, urls => \@urls, sleeps => [split /,/, $told{sleep_ms}],
        parts => [$told{warm} ? 'warm' : (), 'measured'] }, $class;
    $self->{work} = int($told{work_us} * tests_per_us()) if $told{work_us};
    return $self;
}

sub url { my ($self, $worker) = @_; $self->{urls}[$worker % @{ $self->{urls} }] }
sub sleep_s { my ($self, $ticket) = @_; $self->{sleeps}[$ticket->[0] % @{ $self->{sleeps} }] / 1000 }

sub divide {
    my ($number, $tests) = @_;
    my $found = 0;
    for my $divisor (2 .. $tests + 1) { $found += $number % $divisor == 0 }
    return $found;
}

# How many tests Perl makes here in a microsecond of CPU time, as common/work.c finds it.
sub tests_per_us {
    my $best;
    for (1 .. 8) {
        my $start = cpu_ns();
        divide($start, 20000);
        my $took = cpu_ns() - $start;
        $best = $took if !defined $best || $took < $best;
    }
    return 20000e3 / $best;
}

sub compute {
    my ($self) = @_;
    divide(now_ns(), $self->{work}) if $self->{work} && $self->{task} =~ /^(?:http|cpu)$/;
}

# What divide finds, from pairs of divisors up to the square root.
sub divisors {
    my ($number, $tests) = @_;
    my $found = 0;
    for (my $low = 1; $low * $low <= $number; $low++) {
        next if $number % $low;
        my %pair = map { $_ => 1 } $low, $number / $low;
        $found += grep { $_ >= 2 && $_ < $tests + 2 } keys %pair;
    }
    return $found;
}

# Task pipeline: a number on its way, [ticket, start, when it was put and taken].
sub item { my ($self, $ticket) = @_; [$ticket, $self->begin, 0, 0] }
sub is_put { $_[1][2] = now_ns() }
sub note_wait { my ($self, $whose) = @_; $self->{waits}{$whose}++ }
sub is_last_producer { my ($self) = @_; ++$self->{producers_done} == int($self->{concurrency} / 2) }

# Counts the number's divisors, and then again in another way.
sub answer {
    my ($self, $item, $consumer) = @_;
    my ($ticket, $start) = @$item;
    my $number = $self->{requests} - $ticket->[0];
    my $found = divide($number, $self->{work});
    my $now = now_ns();
    my $outcome = $found == divisors($number, $self->{work}) ? 'ok' : 'other';
    push @{ $self->{passed} }, $item if $self->{trace} && $item->[3] && $ticket->[0] < TRACE_MAX;
    $self->end([$ticket->[0], 0, $consumer], $start, $outcome, 0, $now);
}

sub is_taken { $_[1][3] = now_ns() }

# Begins the warm requests, or those that count; false when both are over.
sub next_part {
    my ($self) = @_;
    $self->{warm_end} = { requests => $self->{done}, failed => $self->{failed} } if $self->{is_warm};
    my $part = shift @{ $self->{parts} } or return 0;
    $self->{is_warm} = $part eq 'warm';
    @$self{qw(taken in_flight peak done bytes connections)} = (0) x 6;
    @$self{qw(waits passed producers_done)} = ({ producer => 0, consumer => 0 }, [], 0);
    @$self{qw(failed made latency response lag rows due)} = ({}, {}, histogram(), histogram(), histogram(), [], []);
    @$self{qw(first last begin offset)} = (undef, undef, undef, 0);
    return 1;
}

# The next request of this worker, [number, when it is due (0: at once), worker]; false when there is none.
sub take {
    my ($self, $worker) = @_;
    if ($self->{is_warm}) {
        return if ($self->{made}{$worker} //= 0) == $self->{warm};
        return [TRACE_MAX + $self->{made}{$worker}++, 0, $worker];
    }
    return if $self->{taken} == $self->{requests};
    return [$self->{taken}++, $self->{rate} ? $self->arrival : 0, $worker];
}

sub arrival {
    my ($self) = @_;
    $self->{begin} //= now_ns();
    my $due = $self->{begin} + int($self->{offset});
    $self->{offset} += ($self->{poisson} ? -log($self->uniform) : 1) * 1e9 / $self->{rate};
    return $due;
}

# splitmix64, as in runtime/schedule.c: in (0, 1].
sub uniform {
    my ($self) = @_;
    use integer;
    no warnings 'portable';
    my $x = $self->{seed} = $self->{seed} + 0x9e3779b97f4a7c15;
    $x = ($x ^ (($x >> 30) & 0x3ffffffff)) * 0xbf58476d1ce4e5b9;
    $x = ($x ^ (($x >> 27) & 0x1fffffffff)) * 0x94d049bb133111eb;
    $x ^= ($x >> 31) & 0x1ffffffff;
    $x = ($x >> 11) & 0x1fffffffffffff;
    no integer;
    return ($x + 1) * 2**-53;
}

sub seconds_until {
    my ($self, $ticket) = @_;
    my $left = $ticket->[1] ? ($ticket->[1] - now_ns()) / 1e9 : 0;
    return $left > 0 ? $left : 0;
}

sub connected { $_[0]{connections}++ }

sub begin {
    my ($self) = @_;
    $self->{in_flight}++;
    $self->{peak} = $self->{in_flight} if $self->{in_flight} > $self->{peak};
    my $now = now_ns();
    @$self{qw(first cpu_first)} = ($now, cpu_ns()) if !defined $self->{first};
    return $now;
}

sub end {
    my ($self, $ticket, $start, $outcome, $size, $now) = @_;
    my ($number, $due, $worker) = @$ticket;
    $now //= now_ns();
    $self->{in_flight}--;
    $self->{last} = $now;
    if ($self->{trace} && $number < TRACE_MAX) {
        push @{ $self->{rows} }, [$number, $start, $now, $worker];
        push @{ $self->{due} }, [$number, $due] if $due;
    }
    record($self->{lag}, $start > $due ? $start - $due : 0) if $due;
    if ($outcome eq 'ok') {
        $self->{bytes} += $size;
        record($self->{latency}, $now - $start);
        record($self->{response}, $now > $due ? $now - $due : 0) if $due;
    } else {
        $self->{failed}{$outcome}++;
    }
    $self->{cpu} = cpu_ns() - $self->{cpu_first} if ++$self->{done} == $self->{requests};
}

sub histogram { { counts => {}, overflow => 0, sum => 0, min => undef, max => undef } }

# Every power of two is cut into 64 buckets, as in common/hist.h.
sub record {
    my ($histogram, $value) = @_;
    $histogram->{sum} += $value;
    $histogram->{min} = $value if !defined $histogram->{min} || $value < $histogram->{min};
    $histogram->{max} = $value if !defined $histogram->{max} || $value > $histogram->{max};
    return $histogram->{overflow}++ if $value >= LIMIT_NS;
    my $shift = 0;
    $shift++ while $value >> $shift >= 128;
    $histogram->{counts}{ $value >> $shift << $shift }++;
}

sub buckets {
    my ($histogram) = @_;
    my $counts = $histogram->{counts};
    return [map { [$_ + 0, $counts->{$_}] } sort { $a <=> $b } keys %$counts];
}

# Rows of trace_queue_ns. A consumer may have a number before its producer has seen that it is put.
sub passed {
    my ($self) = @_;
    my @rows;
    for (sort { $a->[0][0] <=> $b->[0][0] } @{ $self->{passed} }) {
        my ($ticket, undef, $put, $taken) = @$_;
        $put = $taken if $taken < $put;
        push @rows, [$ticket->[0], $put - $self->{first}, $taken - $self->{first}, $ticket->[2]];
    }
    return \@rows;
}

# The document without its head.
sub document {
    my ($self, $units) = @_;
    my $latency = $self->{latency};
    my $failed = 0;
    $failed += $_ for values %{ $self->{failed} };
    my %document = (
        ok => $self->{done} - $failed, failed => $self->{failed}, bytes_received => $self->{bytes},
        connections_opened => $self->{connections}, units_created => $units, peak_in_flight => $self->{peak},
        setup_ns => $self->{first} - $self->{started_ns}, measured_ns => $self->{last} - $self->{first},
        cpu_measured_ns => $self->{cpu}, latency_ns => buckets($latency), overflow => $latency->{overflow},
        latency_sum_ns => defined $latency->{min} ? $latency->{sum} : undef,
        latency_min_ns => $latency->{min}, latency_max_ns => $latency->{max});
    @document{qw(warm_requests warm_failed)} = @{ $self->{warm_end} }{qw(requests failed)} if $self->{warm};
    if ($self->{rate}) {
        my ($response, $lag) = @$self{qw(response lag)};
        %document = (%document, response_ns => buckets($response), response_overflow => $response->{overflow},
            response_max_ns => $response->{max}, lag_ns => buckets($lag), lag_overflow => $lag->{overflow});
    }
    if ($self->{task} eq 'pipeline') {
        @document{qw(producer_waits consumer_waits)} = @{ $self->{waits} }{qw(producer consumer)};
        $document{trace_queue_ns} = $self->passed if $self->{trace};
    }
    if ($self->{trace}) {
        my $first = $self->{first};
        my @rows = sort { $a->[0] <=> $b->[0] } @{ $self->{rows} };
        $document{trace_ns} = [map { [$_->[0], $_->[1] - $first, $_->[2] - $first, $_->[3]] } @rows];
        my @due = sort { $a->[0] <=> $b->[0] } @{ $self->{due} };
        $document{trace_due_ns} = [map { [$_->[0], $_->[1] - $first] } @due] if $self->{rate};
    }
    return \%document;
}

# Writes the document; the knobs are the versions of what could bias a comparison.
sub finish {
    my ($self, $units, %knobs) = @_;
    require JSON::PP;    # part of Perl; loaded after the last response
    my $json = JSON::PP->new->canonical;
    my $document = $self->document($units);
    $document->{teardown_ns} = now_ns() - $self->{last};
    my ($own, $rest) = map { substr $json->encode($_), 1 } { perl => sprintf('%vd', $^V), map { $_ => "$knobs{$_}" } keys %knobs }, $document;
    open my $out, '>&=', $self->{result_fd} or fail(3, "cannot write the result document: $!");
    print {$out} "$self->{head},$own,$rest\n" or fail(3, "cannot write the result document: $!");
    close $out or fail(3, "cannot write the result document: $!");
}

1;
