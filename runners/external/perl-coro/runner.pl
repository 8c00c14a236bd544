#!/usr/bin/perl
# perl-coro: Perl coroutines on one event loop, with Coro and AnyEvent::HTTP.
#
#     loop         [r1][r2][r3].....[r1][r3].....[r2]
#     coroutine 1  [send]...wait....[read]
#     coroutine 2      [send]....wait............[read]
#     coroutine 3          [send]...wait....[read]               time ->
#
# The `coroutines` model in Perl. Coro gives each coroutine a stack of the interpreter, so that any
# function may wait (`Coro::rouse_wait`), as in C and unlike in Python; libev's loop wakes it.
#
# What it costs: an interpreter stack for each request in flight, some tens of kilobytes once a
# library has been called; and callbacks of the HTTP library, which is written in Perl.
#
# What to look for in the results: next to no voluntary switches; memory per request in flight above
# that of Python's coroutines, which have no stack; CPU per request.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/..";
use contract;
use AnyEvent;
use AnyEvent::HTTP;
use AnyEvent::Socket;
use Coro;
use Coro::AnyEvent;

my $run = contract->new;
my %http = (
    recurse    => 0,
    timeout    => $run->{timeout_ms} / 1000,
    persistent => $run->{keepalive} ? 1 : 0,
    keepalive  => $run->{keepalive} ? 1 : 0,
    proxy      => undef,
    tls_ctx    => {
        verify => $run->{insecure} ? 0 : 1,
        verify_peername => $run->{insecure} ? undef : 'https',
        $run->{cacert} ? (ca_file => $run->{cacert}) : ()
    },
    tcp_connect => sub {
        my ($host, $port, $connected, $prepare) = @_;
        return tcp_connect $host, $port, sub { $run->connected if @_; $connected->(@_) }, $prepare;
    });
$AnyEvent::HTTP::MAX_PER_HOST = $run->{concurrency};    # else four
$AnyEvent::HTTP::USERAGENT = 'concbench';

# The contract's class for the library's own status codes.
sub class_of {
    my ($status, $reason) = @_;
    return $status < 400 ? 'ok' : 'status' if $status < 590;
    return 'timeout' if $reason =~ /timed out/i;
    return 'tls' if $reason =~ /certificate|ssl|tls/i;
    return 'resolve' if $reason =~ /resolve|unknown host|address lookup/i;
    return 'connect' if $status == 595;
    return 'reset' if $reason =~ /reset|broken pipe/i || ($status == 596 && $reason =~ /eof/i);
    return 'short' if $status == 597 || $reason =~ /end of file|eof/i;
    return 'protocol' if $status == 596 || $status == 599;
    return 'other';
}

# One GET: (outcome, bytes of the body).
sub fetch {
    my ($url) = @_;
    my $size = 0;
    http_request GET => $url, %http, on_body => sub { $size += length $_[0]; 1 }, Coro::rouse_cb;
    my (undef, $headers) = Coro::rouse_wait;
    return (class_of(@$headers{qw(Status Reason)}), $size);
}

# The loop's idea of the time is that of its last turn; a sleep counts from now.
sub pause {
    my ($seconds) = @_;
    AnyEvent->now_update;
    Coro::AnyEvent::sleep $seconds;
}

# Task pipeline: a Coro::Channel, whose size counts the one that is handed over. put and get do not say that they
# waited, but no other coroutine runs between the question and the call. One worker alone needs no channel.
my $channel = Coro::Channel->new($run->{queue_slots} + 1);

sub produce {
    my ($worker) = @_;
    while (my $ticket = $run->take($worker)) {
        my $item = $run->item($ticket);
        $run->note_wait('producer') if $channel->size >= $run->{queue_slots};
        $channel->put($item);
        $run->is_put($item);
    }
    $channel->shutdown if $run->is_last_producer;
}

sub consume {
    my ($worker) = @_;
    while (1) {
        $run->note_wait('consumer') if !$channel->size;
        my $item = $channel->get or return;    # it was shut down
        $run->is_taken($item);
        $run->answer($item, $worker);
    }
}

sub work_alone {
    while (my $ticket = $run->take(0)) { $run->answer($run->item($ticket), 0) }
}

sub pipeline {
    my ($worker) = @_;
    return work_alone() if $run->{concurrency} == 1;
    return $worker < int($run->{concurrency} / 2) ? produce($worker) : consume($worker);
}

sub work {
    my ($worker) = @_;
    return pipeline($worker) if $run->{task} eq 'pipeline';
    my $url = $run->{task} eq 'http' ? $run->url($worker) : undef;
    while (my $ticket = $run->take($worker)) {
        my $pause = $run->seconds_until($ticket);
        pause($pause) if $pause > 0;
        my $start = $run->begin;
        my ($outcome, $size) = ('ok', 0);
        if ($url) {
            ($outcome, $size) = fetch($url);
        } elsif ($run->{task} eq 'sleep') {
            pause($run->sleep_s($ticket));
        }
        $run->compute;
        $run->end($ticket, $start, $outcome, $size);
    }
}

while ($run->next_part) {
    my @workers = map { async { work(@_) } $_ } 0 .. $run->{concurrency} - 1;
    $_->join for @workers;
}
$run->finish($run->{concurrency}, coro => $Coro::VERSION, anyevent => $AnyEvent::VERSION,
    loop => AnyEvent::detect());
