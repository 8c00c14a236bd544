%% erlang-processes: a process of Erlang's for each request in flight.
%%
%%     scheduler 1  [r1][r3].......[r1]......[r3]
%%     scheduler 2  [r2].....[r2]
%%     process 1    [send]...wait..[read]
%%     process 2    [send]...[read]
%%     process 3        [send].....wait......[read]              time ->
%%
%% The language's only model: a process has a heap and a mailbox of its own, shares no memory, and waits
%% in `receive`. The virtual machine runs them on a thread per CPU, and takes the CPU from one that has
%% computed for some 4,000 calls, so nobody has to give it up.
%%
%% What it costs: 2.6 KB for a process that sleeps; a copy of whatever one process tells another; code of
%% a virtual machine.
%%
%% What to look for in the results: memory per request in flight beside Go's goroutines; latencies of the
%% others when some compute; what the machine takes before the first request.
-module(runner).
-export([start/0]).

start() ->
    os:set_signal(sigterm, default),
    Run = contract:new(),
    Full = case Run of
               #{task := http} -> Run#{http => http:new(Run)};
               #{task := pipeline} -> pipeline:new(Run);
               _ -> Run
           end,
    contract:share(Full),
    try
        all(Full)
    catch
        error:system_limit -> contract:fail(3, "erlang-processes: too many processes for the virtual machine")
    end,
    contract:finish(Full, [{busy_wait, "none"}]).

%% The warm requests, if there are any, and then the others.
all(#{warm := 0, concurrency := Count} = Run) ->
    contract:start(Run, measured),
    spawn_workers(Count, [measured]),
    wait_for(Count, measured),
    contract:stop(Run, measured);
all(#{concurrency := Count} = Run) ->
    contract:start(Run, warm),
    spawn_workers(Count, [warm, measured]),
    Workers = [receive {warm, Worker} -> Worker end || _ <- lists:seq(1, Count)],
    contract:stop(Run, warm),
    contract:start(Run, measured),
    [Worker ! continue || Worker <- Workers],
    wait_for(Count, measured),
    contract:stop(Run, measured).

spawn_workers(0, _) -> ok;
spawn_workers(Count, Parts) ->
    Parent = self(),
    spawn(fun() -> work(Parent, Count - 1, Parts, none) end),
    spawn_workers(Count - 1, Parts).

wait_for(0, _) -> ok;
wait_for(Count, Part) ->
    receive {Part, _} -> wait_for(Count - 1, Part) end.

%% A worker: all its requests of one part after the other.
work(Parent, Worker, [Part | Others], Kept) ->
    Next = requests(contract:shared(), Part, Worker, 0, Kept),
    Parent ! {Part, self()},
    Others =:= [] orelse
        receive continue -> work(Parent, Worker, Others, Next) end.

requests(#{task := pipeline} = Run, measured, Worker, _, _) -> pipeline:work(Run, Worker);
requests(Run, Part, Worker, Made, Kept) ->
    case contract:take(Run, Part, Made) of
        none -> Kept;
        Ticket ->
            contract:wait(Ticket),
            Start = contract:start_request(Run, Part),
            {Outcome, Size, Next} = request(Run, Part, Worker, Ticket, Kept),
            contract:compute(Run),
            contract:end_request(Run, Part, Ticket, Worker, Start, Outcome, Size, contract:now_ns()),
            requests(Run, Part, Worker, Made + 1, Next)
    end.

request(#{task := http, http := Urls} = Run, Part, Worker, _, Kept) ->
    http:get(Run, Part, element(1 + Worker rem tuple_size(Urls), Urls), Kept);
request(#{task := sleep, sleeps := Sleeps}, _, _, {Number, _}, Kept) ->
    timer:sleep(element(1 + Number rem tuple_size(Sleeps), Sleeps)),
    {ok, 0, Kept};
request(_, _, _, _, Kept) -> {ok, 0, Kept}.
