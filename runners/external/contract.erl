%% contract: what the runners in Erlang share. runners/external/README.md says what a program is told
%% and what it writes; what waiting means is the runner's business:
%%
%%     Run = contract:new(),
%%     contract:start(Run, Part),                    % warm, if there are warm requests, then measured
%%     case contract:take(Run, Part, Made) of        % in each worker; Made: how many it has had in this part
%%         none -> ...;
%%         Ticket ->                                 % {Number, Due}
%%             contract:wait(Ticket),
%%             Start = contract:start_request(Run, Part),
%%             {Outcome, Size} = ...,                % ok or a failure class; bytes of the body
%%             contract:compute(Run),
%%             contract:end_request(Run, Part, Ticket, Worker, Start, Outcome, Size, contract:now_ns())
%%     end,
%%     contract:finish(Run, [{library, "version"}]).
%%
%% Processes share nothing but atomics and counters, which need no lock.
-module(contract).
-export([new/0, share/1, shared/0, start/2, stop/2, take/3, wait/1, start_request/2, compute/1, end_request/8,
         note_wait/2, note_passed/4, answer/3, connected/2, number/2, now_ns/0, finish/2, fail/2]).

-define(TRACE_MAX, 10000).
-define(LIMIT_NS, (1 bsl 37)).
-define(BUCKETS, (32 * 64)).
-define(MASK, 16#ffffffffffffffff).
-define(CLASSES, [timeout, resolve, connect, tls, reset, short, protocol, status, other]).
-define(PIECE, 65536). % of the document, for the port

%% Places in the atomics of a part.
-define(TAKEN, 1).
-define(IN_FLIGHT, 2).
-define(PEAK, 3).
-define(DONE, 4).
-define(BYTES, 5).
-define(CONNECTIONS, 6).
-define(FIRST, 7).
-define(LAST, 8).
-define(CPU, 9).
-define(PRODUCER_WAITS, 10).
-define(CONSUMER_WAITS, 11).
-define(FAILED, 11). % and the classes after it

%% os:perf_counter is CLOCK_MONOTONIC, as in the front; erlang:monotonic_time begins elsewhere.
now_ns() -> os:perf_counter(nanosecond).

%% Ends the program with one line on stderr.
fail(Code, Text) ->
    io:format(standard_error, "~ts~n", [Text]),
    halt(Code).

new() ->
    Pairs = [list_to_tuple(string:split(Word, "=")) || Word <- init:get_plain_arguments()],
    Told = maps:from_list(Pairs),
    Run = Told#{urls => list_to_tuple([Url || {"url", Url} <- Pairs]),
                task => list_to_atom(maps:get("task", Told)),
                sleeps => list_to_tuple([list_to_integer(Ms) || Ms <- string:lexemes(maps:get("sleep_ms", Told), ",")])},
    Numbers = [requests, concurrency, warm, timeout_ms, rate, queue_slots],
    IsTraced = number(Run, "trace") =:= 1,
    Full = maps:merge(Run, maps:from_list([{Name, number(Run, atom_to_list(Name))} || Name <- Numbers])),
    Full#{tests => tests(Full), warm_part => new_part(), measured_part => new_part(),
          trace => IsTraced andalso ets:new(trace, [ordered_set, public, {write_concurrency, true}]),
          passed => IsTraced andalso ets:new(passed, [ordered_set, public, {write_concurrency, true}]),
          arrivals => maps:get(rate, Full) > 0 andalso spawn_link(fun() -> arrivals(Full) end)}.

number(Run, Key) -> list_to_integer(maps:get(Key, Run)).

%% Lays the settings down where every process can read them without a copy of its own.
share(Run) -> persistent_term:put(?MODULE, Run).
shared() -> persistent_term:get(?MODULE).

new_part() ->
    #{counts => atomics:new(?FAILED + length(?CLASSES), []),
      latency => new_histogram(), response => new_histogram(), lag => new_histogram()}.

part(#{warm_part := Part}, warm) -> Part;
part(#{measured_part := Part}, measured) -> Part.

counts(Run, Part) -> maps:get(counts, part(Run, Part)).

%% Begins and ends a part, in the process that starts the workers.
start(Run, Part) -> atomics:put(counts(Run, Part), ?CPU, cpu_ns()).
stop(Run, Part) -> atomics:put(counts(Run, Part), ?CPU, cpu_ns() - atomics:get(counts(Run, Part), ?CPU)).

%% CPU time of all threads, which the VM starts at its beginning and keeps.
cpu_ns() ->
    {ok, Threads} = file:list_dir("/proc/self/task"),
    lists:sum([cpu_ns(Thread) || Thread <- Threads]).

cpu_ns(Thread) ->
    case file:read_file(["/proc/self/task/", Thread, "/schedstat"]) of
        {ok, Text} -> binary_to_integer(hd(binary:split(Text, <<" ">>)));
        {error, _} -> 0
    end.

%% The next request of a worker: {number, when it is due (0: at once)}; none when there is none.
take(#{warm := Warm}, warm, Made) when Made < Warm -> {?TRACE_MAX + Made, 0};
take(_, warm, _) -> none;
take(#{arrivals := false, requests := Requests} = Run, measured, _) ->
    case atomics:add_get(counts(Run, measured), ?TAKEN, 1) of
        Taken when Taken =< Requests -> {Taken - 1, 0};
        _ -> none
    end;
take(#{arrivals := Process}, measured, _) ->
    Process ! {take, self()},
    receive {ticket, Ticket} -> Ticket end.

%% The process that hands out what becomes due.
arrivals(Run) ->
    receive {take, First} -> First end,
    self() ! {take, First},
    arrivals(Run, 0, now_ns(), 0.0, number(Run, "seed")).

arrivals(#{requests := Requests} = Run, Number, Begin, Offset, Random) ->
    receive {take, Worker} -> Worker end,
    IsLeft = Number < Requests,
    Worker ! {ticket, if IsLeft -> {Number, Begin + trunc(Offset)}; true -> none end},
    {Gaps, Next} = gaps(maps:get("poisson", Run), Random),
    arrivals(Run, Number + 1, Begin, Offset + Gaps * 1.0e9 / maps:get(rate, Run), Next).

%% splitmix64, as in runtime/schedule.c: in (0, 1].
gaps("0", Random) -> {1.0, Random};
gaps("1", Random) ->
    X0 = (Random + 16#9e3779b97f4a7c15) band ?MASK,
    X1 = ((X0 bxor (X0 bsr 30)) * 16#bf58476d1ce4e5b9) band ?MASK,
    X2 = ((X1 bxor (X1 bsr 27)) * 16#94d049bb133111eb) band ?MASK,
    X3 = X2 bxor (X2 bsr 31),
    {-math:log(((X3 bsr 11) + 1) / (1 bsl 53)), X0}.

%% Until the request is due. Timers count milliseconds, and never end early.
wait({_, 0}) -> ok;
wait({_, Due}) ->
    case Due - now_ns() of
        Left when Left > 0 -> timer:sleep((Left + 999999) div 1000000);
        _ -> ok
    end.

connected(Run, Part) -> atomics:add(counts(Run, Part), ?CONNECTIONS, 1).

start_request(Run, Part) ->
    Counts = counts(Run, Part),
    raise(Counts, ?PEAK, atomics:add_get(Counts, ?IN_FLIGHT, 1)),
    Now = now_ns(),
    atomics:compare_exchange(Counts, ?FIRST, 0, Now),
    Now.

%% Task pipeline: a producer, or a consumer, has to wait.
note_wait(Run, producer) -> atomics:add(counts(Run, measured), ?PRODUCER_WAITS, 1);
note_wait(Run, consumer) -> atomics:add(counts(Run, measured), ?CONSUMER_WAITS, 1).

%% Notes for a trace that a number was put by that worker, or taken.
note_passed(#{passed := Table}, Number, Which, Worker) when Table =/= false, Number < ?TRACE_MAX ->
    ets:insert(Table, {{Number, Which}, now_ns(), Worker});
note_passed(_, _, _, _) -> ok.

%% Counts the number's divisors, and then again in another way.
answer(#{requests := Requests, tests := Tests} = Run, {Number, Start}, Consumer) ->
    Found = divide(Requests - Number, Tests),
    Now = now_ns(),
    Outcome = case divisors(Requests - Number, Tests + 2, 1, 0) of Found -> ok; _ -> other end,
    end_request(Run, measured, {Number, 0}, Consumer, Start, Outcome, 0, Now).

%% What divide finds below End, from pairs of divisors up to the square root.
divisors(Value, _, Low, Found) when Low * Low > Value -> Found;
divisors(Value, End, Low, Found) when Value rem Low =:= 0 ->
    Pair = lists:usort([Low, Value div Low]),
    divisors(Value, End, Low + 1, Found + length([Divisor || Divisor <- Pair, Divisor >= 2, Divisor < End]));
divisors(Value, End, Low, Found) -> divisors(Value, End, Low + 1, Found).

end_request(Run, Name, {Number, Due}, Worker, Start, Outcome, Size, Now) ->
    #{counts := Counts} = Part = part(Run, Name),
    atomics:sub(Counts, ?IN_FLIGHT, 1),
    raise(Counts, ?LAST, Now),
    Due =:= 0 orelse add(maps:get(lag, Part), max(0, Start - Due)),
    case Outcome of
        ok ->
            atomics:add(Counts, ?BYTES, Size),
            add(maps:get(latency, Part), Now - Start),
            Due =:= 0 orelse add(maps:get(response, Part), max(0, Now - Due));
        Class ->
            atomics:add(Counts, place(Class), 1)
    end,
    note(Run, Number, Start, Now, Worker, Due),
    atomics:add(Counts, ?DONE, 1).

note(#{trace := Table}, Number, Start, Now, Worker, Due) when Table =/= false, Number < ?TRACE_MAX ->
    ets:insert(Table, {Number, Start, Now, Worker, Due});
note(_, _, _, _, _, _) -> ok.

place(Class) -> place(Class, ?CLASSES, ?FAILED + 1).
place(Class, [Class | _], Place) -> Place;
place(Class, [_ | Others], Place) -> place(Class, Others, Place + 1).

%% Makes it at least Value.
raise(Counts, Place, Value) -> raise(Counts, Place, Value, atomics:get(Counts, Place)).
raise(Counts, Place, Value, Found) when Found < Value ->
    case atomics:compare_exchange(Counts, Place, Found, Value) of
        ok -> ok;
        Other -> raise(Counts, Place, Value, Other)
    end;
raise(_, _, _, _) -> ok.

%% A histogram as in common/hist.h, where every power of two is cut into 64 buckets, with the sum, the
%% least (as a greatest, of what is below zero) and the greatest. Its places after the buckets:
-define(OVERFLOW, (?BUCKETS + 1)).
-define(SUM, (?BUCKETS + 2)).
-define(GREATEST, (?BUCKETS + 3)).
-define(LEAST, (?BUCKETS + 4)).

new_histogram() ->
    Histogram = atomics:new(?LEAST, []),
    atomics:put(Histogram, ?LEAST, -?MASK bsr 1),
    atomics:put(Histogram, ?GREATEST, -1),
    Histogram.

add(Histogram, Value) ->
    atomics:add(Histogram, ?SUM, Value),
    raise(Histogram, ?GREATEST, Value),
    raise(Histogram, ?LEAST, -Value),
    atomics:add(Histogram, bucket(Value), 1).

bucket(Value) when Value >= ?LIMIT_NS -> ?OVERFLOW;
bucket(Value) ->
    Shift = shift(Value),
    1 + Shift * 64 + (Value bsr Shift).

shift(Value) when Value < 128 -> 0;
shift(Value) -> 1 + shift(Value bsr 1).

edge(Index) when Index < 128 -> Index;
edge(Index) ->
    Shift = Index div 64 - 1,
    (Index - Shift * 64) bsl Shift.

buckets(Histogram) ->
    list([list([integer_to_list(edge(Index)), integer_to_list(Count)])
          || Index <- lists:seq(0, ?BUCKETS - 1), Count <- [atomics:get(Histogram, Index + 1)], Count > 0]).

greatest(Histogram) -> greatest(Histogram, atomics:get(Histogram, ?GREATEST)).
greatest(_, -1) -> null;
greatest(_, Value) -> Value.

unless_empty(Histogram, Value) ->
    case greatest(Histogram) of null -> null; _ -> Value end.

%% The work of a request, in tasks http and cpu.
compute(#{tests := 0}) -> ok;
compute(#{tests := Tests}) -> divide(now_ns(), Tests).

divide(Number, Tests) -> divide(Number, 2, Tests + 2, 0).
divide(_, End, End, Found) -> Found;
divide(Number, Divisor, End, Found) when Number rem Divisor =:= 0 -> divide(Number, Divisor + 1, End, Found + 1);
divide(Number, Divisor, End, Found) -> divide(Number, Divisor + 1, End, Found).

%% How many tests a request makes; those that take work_us here, as common/work.c finds it.
tests(#{task := Task} = Run) when Task =:= http; Task =:= cpu; Task =:= pipeline ->
    case number(Run, "work_us") of
        0 -> number(Run, "work");
        WorkUs -> WorkUs * 1000 * 20000 div lists:min([burst() || _ <- lists:seq(1, 8)])
    end;
tests(_) -> 0.

burst() ->
    Start = now_ns(),
    divide(Start, 20000),
    max(1, now_ns() - Start).

%% JSON, as text.
list(Items) -> [$[, lists:join($,, Items), $]].
object(Pairs) -> [${, members(Pairs), $}].
members(Pairs) -> lists:join($,, [[$", atom_to_list(Key), "\":", text(Value)] || {Key, Value} <- Pairs]).
text({text, Text}) -> [$", Text, $"];
text({json, Text}) -> Text;
text(null) -> "null";
text(Value) when is_integer(Value) -> integer_to_list(Value).

failed(Counts) ->
    {json, object([{Class, Count} || Class <- ?CLASSES, Count <- [atomics:get(Counts, place(Class))], Count > 0])}.

failures(Counts) -> lists:sum([atomics:get(Counts, place(Class)) || Class <- ?CLASSES]).

%% The document after its knobs.
document(#{measured_part := #{counts := Counts, latency := Latency} = Part} = Run) ->
    [Done, Bytes, Connections, Peak, First, Last, Cpu] =
        [atomics:get(Counts, Place) || Place <- [?DONE, ?BYTES, ?CONNECTIONS, ?PEAK, ?FIRST, ?LAST, ?CPU]],
    [{ok, Done - failures(Counts)}, {failed, failed(Counts)}, {bytes_received, Bytes}, {connections_opened, Connections},
     {units_created, maps:get(concurrency, Run)}, {peak_in_flight, Peak}, {setup_ns, First - number(Run, "started_ns")},
     {measured_ns, Last - First}, {cpu_measured_ns, Cpu}, {latency_ns, {json, buckets(Latency)}},
     {overflow, atomics:get(Latency, ?OVERFLOW)}, {latency_sum_ns, unless_empty(Latency, atomics:get(Latency, ?SUM))},
     {latency_min_ns, unless_empty(Latency, -atomics:get(Latency, ?LEAST))}, {latency_max_ns, greatest(Latency)}]
        ++ pipeline(Run, First) ++ warm(Run) ++ open_loop(Run, Part) ++ trace(Run, First) ++ [{teardown_ns, now_ns() - Last}].

pipeline(#{task := pipeline, measured_part := #{counts := Counts}} = Run, First) ->
    [{producer_waits, atomics:get(Counts, ?PRODUCER_WAITS)}, {consumer_waits, atomics:get(Counts, ?CONSUMER_WAITS)}
     | [{trace_queue_ns, {json, list(passed(ets:tab2list(Table), First))}} || #{passed := Table} <- [Run], Table =/= false]];
pipeline(_, _) -> [].

%% Rows of trace_queue_ns. A consumer may have a number before its producer knows that it is put.
passed([{{Number, put}, Put, Producer}, {{Number, taken}, Taken, _} | Others], First) ->
    Row = [Number, min(Put, Taken) - First, Taken - First, Producer],
    [list([integer_to_list(Value) || Value <- Row]) | passed(Others, First)];
passed([], _) -> [].

warm(#{warm := 0}) -> [];
warm(#{warm_part := #{counts := Counts}}) ->
    [{warm_requests, atomics:get(Counts, ?DONE)}, {warm_failed, failed(Counts)}].

open_loop(#{rate := 0}, _) -> [];
open_loop(_, #{response := Response, lag := Lag}) ->
    [{response_ns, {json, buckets(Response)}}, {response_overflow, atomics:get(Response, ?OVERFLOW)},
     {response_max_ns, greatest(Response)}, {lag_ns, {json, buckets(Lag)}}, {lag_overflow, atomics:get(Lag, ?OVERFLOW)}].

trace(#{trace := false}, _) -> [];
trace(#{trace := Table, rate := Rate}, First) ->
    Rows = ets:tab2list(Table),
    Numbers = fun(Row) -> list([integer_to_list(Value) || Value <- Row]) end,
    [{trace_ns, {json, list([Numbers([N, Start - First, End - First, Worker]) || {N, Start, End, Worker, _} <- Rows])}}
     | [{trace_due_ns, {json, list([Numbers([N, Due - First]) || {N, _, _, _, Due} <- Rows])}} || Rate > 0]].

%% Writes the document and ends the program; the knobs are the versions of what could bias a comparison.
finish(Run, Knobs) ->
    Own = [{erlang, erlang:system_info(otp_release)} | Knobs],
    Text = [maps:get("head", Run), $,, members([{Key, {text, Value}} || {Key, Value} <- Own]), "},",
            members(document(Run)), "}\n"],
    process_flag(trap_exit, true),
    Port = open_port({fd, 0, number(Run, "result_fd")}, [out, binary]),
    write(Port, iolist_to_binary(Text)),
    Port ! {self(), close},
    receive
        {'EXIT', Port, normal} -> halt(0); % which waits until all is written
        {'EXIT', Port, Why} -> cannot_write(Why)
    end.

write(Port, <<Piece:?PIECE/binary, Rest/binary>>) ->
    send(Port, Piece),
    write(Port, Rest);
write(Port, Rest) -> send(Port, Rest).

send(Port, Piece) ->
    try port_command(Port, Piece) catch error:badarg -> cannot_write(receive {'EXIT', Port, Why} -> Why after 1000 -> closed end) end.

cannot_write(Why) -> fail(3, io_lib:format("cannot write the result document: ~p", [Why])).
