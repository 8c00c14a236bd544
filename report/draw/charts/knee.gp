
# --- lines over the requests in flight; the marker stands at the number that was chosen, with
# --- a hairline down to it, and each label right of its line's end
first = word(xs, 1) + 0.
last = word(xs, words(xs)) + 0.
if (first == last) { first = first / 2; last = last * 2 }
edge = last * (last / first) ** gap
set logscale x 2
set xrange [first * (first / last) ** 0.03:edge]
set xtics ()
is_whole(x) = abs(x - floor(x + 0.5)) < 1e-6
do for [c in xs] {
    p = log(c + 0) / log(2)
    if (words(xs) < 8 || (is_whole(p) && (width > 600 || is_whole(p / 2)))) {
        set xtics add (commas(c + 0) c + 0)
    }
}
plot for [i = 1:series] data index i using 1:2 with lines ls i title columnheader(2), \
     for [i = 1:series] data index i using 1:5:(0):(low - $5) with vectors nohead ls i lw 0.7 dt (2,3) title columnheader(2), \
     for [i = 1:series] data index i using 1:3:(0):($4 - $3) with vectors heads size character 0.25,90 nofilled ls i lw 1 dt 1 title columnheader(2), \
     for [i = 1:series] data index i using 1:5 with points ls i ps 1.3 title columnheader(2), \
     for [i = 1:series] data index i using 1:2:(edge - $1):($6 - $2) with vectors nohead ls i lw 0.7 dt (2,3) title columnheader(2), \
     for [i = 1:series] data index i using (edge):6:(strcol(7)) with labels left offset character 0.4,0 \
         tc rgb word(label_colours, i) title columnheader(2)
