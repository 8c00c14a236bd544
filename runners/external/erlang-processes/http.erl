%% http: GET with OTP's sockets (gen_tcp, ssl) and the HTTP parser of the virtual machine
%% (erlang:decode_packet). A worker keeps its connection between its requests.
-module(http).
-export([new/1, get/4]).

-define(BUFFER, 16384).

%% What all workers share: a tuple of URLs.
new(#{urls := Urls} = Run) -> list_to_tuple([parse(Url, Run) || Url <- tuple_to_list(Urls)]).

parse(Text, Run) ->
    case uri_string:parse(Text) of
        #{scheme := Scheme, host := Host} = Parts when Host =/= "", not is_map_key(userinfo, Parts) ->
            IsTls = string:lowercase(Scheme) =:= "https",
            {ok, _} = application:ensure_all_started(if IsTls -> ssl; true -> kernel end),
            Port = case maps:get(port, Parts, undefined) of
                       undefined when IsTls -> 443;
                       undefined -> 80;
                       Given -> Given
                   end,
            {Address, Family} = address(Host),
            #{transport => if IsTls -> ssl; true -> gen_tcp end, port => Port,
              host => Address,
              options => Family ++ tcp_options() ++ if IsTls -> tls_options(Run, Host); true -> [] end,
              request => request(Host, Parts, Run)};
        _ ->
            contract:fail(2, "not a URL that this runner understands")
    end.

address(Host) ->
    case inet:parse_address(Host) of
        {ok, Address} when tuple_size(Address) =:= 8 -> {Address, [inet6]};
        {ok, Address} -> {Address, []};
        {error, _} -> {Host, []}
    end.

tcp_options() -> [binary, {active, false}, {nodelay, true}, {show_econnreset, true}, {buffer, ?BUFFER}].

tls_options(#{"insecure" := "1"}, _) -> [{log_level, none}, {verify, verify_none}];
tls_options(Run, Host) ->
    Trusted = case maps:get("cacert", Run) of
                  "" -> public_key:cacerts_get();
                  File -> certificates(File)
              end,
    [{log_level, none}, {verify, verify_peer}, {cacerts, Trusted}, {verify_fun, {fun verify/3, {Trusted, Host}}},
     {customize_hostname_check, [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}].

certificates(File) ->
    {ok, Text} = file:read_file(File),
    [{cert, Der, public_key:pkix_decode_cert(Der, otp)} || {'Certificate', Der, not_encrypted} <- public_key:pem_decode(Text)].

%% As ssl does it without one, but for a server's certificate that signs itself, which ssl leaves to the program:
%% it is trusted if it is among the trusted.
verify(Certificate, {bad_cert, selfsigned_peer} = Reason, {Trusted, Host} = State) ->
    case lists:keymember(Certificate, 3, Trusted)
        andalso public_key:pkix_verify_hostname(Certificate, [{dns_id, Host}, {ip, Host}]) of
        true -> {valid, State};
        false -> {fail, Reason}
    end;
verify(_, {bad_cert, _} = Reason, _) -> {fail, Reason};
verify(_, {extension, _}, State) -> {unknown, State};
verify(_, _, State) -> {valid, State}.

request(Host, Parts, Run) ->
    Port = case maps:get(port, Parts, undefined) of undefined -> ""; Given -> [$:, integer_to_list(Given)] end,
    Name = case lists:member($:, Host) of true -> [$[, Host, $]]; false -> Host end,
    Path = case maps:get(path, Parts, "") of "" -> "/"; Some -> Some end,
    Query = case Parts of #{query := Text} -> [$?, Text]; _ -> "" end,
    Close = case maps:get("keepalive", Run) of "1" -> ""; "0" -> "Connection: close\r\n" end,
    iolist_to_binary(["GET ", Path, Query, " HTTP/1.1\r\nHost: ", Name, Port, "\r\nUser-Agent: concbench\r\n", Close, "\r\n"]).

%% One GET: {ok or a failure class, bytes of the body, the connection that is kept, or none}. If the kept one
%% turns out to have ended before the answer began, it is made again on a new one.
get(Run, Part, Url, Kept) ->
    Deadline = contract:now_ns() + maps:get(timeout_ms, Run) * 1000000,
    try both_tries(Run, Part, Url, Kept, Deadline) of
        {Status, Size, Connection} when Status >= 400 -> {status, Size, Connection};
        {_, Size, Connection} -> {ok, Size, Connection}
    catch
        throw:lost -> {reset, 0, none};
        throw:Class -> {Class, 0, none}
    end.

both_tries(Run, Part, Url, none, Deadline) -> exchange(Url, connect(Run, Part, Url, Deadline), Deadline);
both_tries(Run, Part, Url, Kept, Deadline) ->
    try
        exchange(Url, Kept, Deadline)
    catch
        throw:lost -> both_tries(Run, Part, Url, none, Deadline)
    end.

connect(Run, Part, #{transport := Transport, host := Host, port := Port, options := Options}, Deadline) ->
    case Transport:connect(Host, Port, Options, left(Deadline)) of
        {ok, Socket} ->
            contract:connected(Run, Part),
            {Transport, Socket};
        {error, timeout} -> throw(timeout);
        {error, nxdomain} -> throw(resolve);
        {error, {tls_alert, _}} -> throw(tls);
        {error, closed} when Transport =:= ssl -> throw(tls);
        {error, {options, _}} -> throw(tls);
        {error, _} -> throw(connect)
    end.

%% Milliseconds until the deadline, at least one.
left(Deadline) ->
    case (Deadline - contract:now_ns()) div 1000000 of
        Left when Left > 0 -> Left;
        _ -> throw(timeout)
    end.

exchange(#{request := Request}, {Transport, Socket} = Connection, Deadline) ->
    try
        Transport:send(Socket, Request) =:= ok orelse throw(lost),
        {Status, Size, IsKept} = answer(Connection, <<>>, Deadline, lost),
        IsKept orelse Transport:close(Socket),
        {Status, Size, if IsKept -> Connection; true -> none end}
    catch
        throw:Class ->
            Transport:close(Socket),
            throw(Class)
    end.

%% More of the answer, or what an end of the connection means here is thrown.
read({Transport, Socket}, Deadline, AtEnd) ->
    case Transport:recv(Socket, 0, left(Deadline)) of
        {ok, Data} -> Data;
        {error, timeout} -> throw(timeout);
        {error, closed} -> throw(AtEnd);
        {error, _} when AtEnd =:= lost -> throw(lost);
        {error, _} -> throw(reset)
    end.

answer(Connection, Buffer, Deadline, AtEnd) ->
    case erlang:decode_packet(http_bin, Buffer, []) of
        {more, _} ->
            More = read(Connection, Deadline, AtEnd),
            answer(Connection, <<Buffer/binary, More/binary>>, Deadline, AtEnd);
        {ok, {http_response, _, 101, _}, _} -> throw(protocol);
        {ok, {http_response, _, Status, _}, Rest} when Status < 200 -> % an interim one
            {_, Next} = head(Connection, Rest, Deadline, #{}),
            answer(Connection, Next, Deadline, reset);
        {ok, {http_response, Version, Status, _}, Rest} ->
            {Head, Body} = head(Connection, Rest, Deadline, #{close => Version =/= {1, 1}}),
            {Size, IsKept} = body(Connection, Status, Head, Body, Deadline),
            {Status, Size, IsKept};
        _ -> throw(protocol)
    end.

head(Connection, Buffer, Deadline, Head) ->
    case erlang:decode_packet(httph_bin, Buffer, []) of
        {more, _} ->
            More = read(Connection, Deadline, short),
            head(Connection, <<Buffer/binary, More/binary>>, Deadline, Head);
        {ok, http_eoh, Rest} -> {Head, Rest};
        {ok, {http_header, _, Name, _, Value}, Rest} -> head(Connection, Rest, Deadline, field(Name, Value, Head));
        _ -> throw(protocol)
    end.

field('Content-Length', Value, Head) ->
    Length = whole(Value, 10),
    case Head of
        #{length := Other} when Other =/= Length -> throw(protocol);
        _ -> Head#{length => Length}
    end;
field('Transfer-Encoding', Value, Head) ->
    string:lowercase(Value) =:= <<"chunked">> orelse throw(protocol),
    Head#{chunked => true};
field('Connection', Value, Head) ->
    case string:lowercase(Value) of
        <<"close">> -> Head#{close => true};
        _ -> Head
    end;
field(_, _, Head) -> Head.

whole(Text, Base) ->
    try binary_to_integer(Text, Base) of
        Number when Number >= 0, Number < 1 bsl 63 -> Number;
        _ -> throw(protocol)
    catch
        error:badarg -> throw(protocol)
    end.

%% {bytes of the body, whether the connection may be kept}
body(_, Status, Head, _, _) when Status =:= 204; Status =:= 304 -> {0, not maps:get(close, Head)};
body(Connection, _, #{chunked := true, close := IsClosed}, Buffer, Deadline) ->
    {chunks(Connection, Buffer, Deadline, 0), not IsClosed};
body(Connection, _, #{length := Length, close := IsClosed}, Buffer, Deadline) ->
    skip(Connection, Buffer, Deadline, Length) =:= <<>> orelse throw(protocol),
    {Length, not IsClosed};
body(Connection, _, _, Buffer, Deadline) -> {until_end(Connection, Deadline, byte_size(Buffer)), false}.

%% What comes after Size bytes.
skip(_, Buffer, _, Size) when byte_size(Buffer) >= Size -> binary:part(Buffer, Size, byte_size(Buffer) - Size);
skip(Connection, Buffer, Deadline, Size) ->
    skip(Connection, read(Connection, Deadline, short), Deadline, Size - byte_size(Buffer)).

until_end(Connection, Deadline, Size) ->
    try read(Connection, Deadline, at_end) of
        Data -> until_end(Connection, Deadline, Size + byte_size(Data))
    catch
        throw:at_end -> Size
    end.

chunks(Connection, Buffer, Deadline, Total) ->
    {Line, Rest} = line(Connection, Buffer, Deadline),
    [Digits | _] = binary:split(Line, <<";">>),
    case whole(Digits, 16) of
        0 ->
            trailers(Connection, Rest, Deadline),
            Total;
        Size ->
            {<<>>, Next} = line(Connection, skip(Connection, Rest, Deadline, Size), Deadline),
            chunks(Connection, Next, Deadline, Total + Size)
    end.

trailers(Connection, Buffer, Deadline) ->
    case line(Connection, Buffer, Deadline) of
        {<<>>, _} -> ok;
        {_, Rest} -> trailers(Connection, Rest, Deadline)
    end.

%% A line without its end, and what comes after it.
line(Connection, Buffer, Deadline) ->
    case binary:split(Buffer, <<"\r\n">>) of
        [Line, Rest] -> {Line, Rest};
        [_] when byte_size(Buffer) > ?BUFFER -> throw(protocol);
        [_] ->
            More = read(Connection, Deadline, short),
            line(Connection, <<Buffer/binary, More/binary>>, Deadline)
    end.
