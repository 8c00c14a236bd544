
# --- lines over the requests in flight, with intervals; each label stands right of its line's end
first = word(xs, 1) + 0.
last = word(xs, words(xs)) + 0.
if (first == last) { first = first / 2; last = last * 2 }
edge = last * (last / first) ** gap
set logscale x 2
set xrange [first * (first / last) ** 0.03:edge]
set xtics ()
do for [c in xs] { set xtics add (commas(c + 0) c + 0) }
plot for [i = 1:series] data index i using 1:2 with lines ls i title columnheader(2), \
     for [i = 1:series] data index i using 1:3:(0):($4 - $3) with vectors heads size character 0.25,90 nofilled ls i lw 1 dt 1 title columnheader(2), \
     for [i = 1:series] data index i using 1:5 with points ls i title columnheader(2), \
     for [i = 1:series] data index i using 1:2:(edge - $1):($6 - $2) with vectors nohead ls i lw 0.7 dt (2,3) title columnheader(2), \
     for [i = 1:series] data index i using (edge):6:(strcol(7)) with labels left offset character 0.4,0 \
         tc rgb word(label_colours, i) title columnheader(2)
