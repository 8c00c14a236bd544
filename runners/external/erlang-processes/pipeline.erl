%% pipeline: task pipeline. Processes share nothing, so the queue is a process, too, to which the others send their
%% numbers. What it cannot do yet, to take a number or to hand one out, it leaves in its mailbox: `receive` chooses.
-module(pipeline).
-export([new/1, work/2]).

%% One worker alone needs no queue.
new(#{concurrency := 1} = Run) -> Run;
new(#{concurrency := Count, queue_slots := Slots} = Run) ->
    Run#{queue => spawn_link(fun() -> queue(Slots, Slots, Count div 2, queue:new()) end)}.

%% Left: the producers that still have numbers. Who asks for `now` is told at once that it would have to wait.
queue(Slots, Free, Left, Items) ->
    receive
        {_, From, {put, Item}} when Free > 0 ->
            From ! {queue, ok},
            queue(Slots, Free - 1, Left, queue:in(Item, Items));
        {_, From, get} when Free < Slots ->
            {{value, Item}, Others} = queue:out(Items),
            From ! {queue, Item},
            queue(Slots, Free + 1, Left, Others);
        {_, From, get} when Left =:= 0 ->
            From ! {queue, none},
            queue(Slots, Free, Left, Items);
        {now, From, _} ->
            From ! {queue, later},
            queue(Slots, Free, Left, Items);
        leave -> queue(Slots, Free, Left - 1, Items)
    end.

ask(#{queue := Queue} = Run, Who, What) ->
    Queue ! {now, self(), What},
    receive
        {queue, later} ->
            contract:note_wait(Run, Who),
            Queue ! {wait, self(), What},
            receive {queue, Answer} -> Answer end;
        {queue, Answer} -> Answer
    end.

%% What a worker does.
work(#{concurrency := 1} = Run, Worker) -> alone(Run, Worker, contract:take(Run, measured, 0));
work(#{concurrency := Count} = Run, Worker) when Worker < Count div 2 -> produce(Run, Worker, contract:take(Run, measured, 0));
work(Run, Worker) -> consume(Run, Worker, ask(Run, consumer, get)).

alone(_, _, none) -> ok;
alone(Run, Worker, {Number, _}) ->
    contract:answer(Run, {Number, contract:start_request(Run, measured)}, Worker),
    alone(Run, Worker, contract:take(Run, measured, 0)).

produce(#{queue := Queue}, _, none) -> Queue ! leave;
produce(Run, Worker, {Number, _}) ->
    ok = ask(Run, producer, {put, {Number, contract:start_request(Run, measured)}}),
    contract:note_passed(Run, Number, put, Worker),
    produce(Run, Worker, contract:take(Run, measured, 0)).

consume(_, _, none) -> ok;
consume(Run, Worker, {Number, _} = Item) ->
    contract:note_passed(Run, Number, taken, Worker),
    contract:answer(Run, Item, Worker),
    consume(Run, Worker, ask(Run, consumer, get)).
