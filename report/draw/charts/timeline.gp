
# --- what each model did when: pale waits, dark computes, red blocks a loop, grey is start-up
# in the file: start, end, and in pixels above the axis from, to; the state; at the end of a model its texts
set yrange [0:height - top - bottom]
unset border
set arrow 1 from 0, graph 0 to 0, graph 1 nohead back lc rgb '#8a8d93' lw 1
colour(i, state) = state == 0 ? setup : state == 1 ? word(wait, i) + 0 : state == 2 ? word(work, i) + 0 : blocked
at_end(v, state) = state == 4 ? v : NaN
plot for [i = 1:series] data index i using ($5 < 4 ? $1 : NaN):3:1:2:3:4:(colour(i, $5)) with boxxyerror lc rgb variable title columnheader(2), \
     for [i = 1:series] data index i using (at_end($1, $5)):3:(0):($4 - $3) with vectors nohead ls i dt 1 title columnheader(2), \
     for [i = 1:series] data index i using (at_end(low, $5)):(($3 + $4) / 2):(strcol(7)) with labels right offset character -0.7,0 \
         tc rgb word(label_colours, i) title columnheader(2), \
     for [i = 1:series] data index i using (at_end($1, $5)):(($3 + $4) / 2):(strcol(6)) with labels left offset character 0.6,0 \
         tc rgb '#1c1c1e' title columnheader(2)
