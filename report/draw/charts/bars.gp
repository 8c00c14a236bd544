
# --- bars from zero, with intervals
plot for [i = 1:series] data index i using (0):1:(0):2:($1 - 0.26):($1 + 0.26) with boxxyerror ls i title columnheader(2), \
     for [i = 1:series] data index i using 3:1:($4 - $3):(0) with vectors heads size character 0.25,90 nofilled lc rgb '#1c1c1e' lw 1 dt 1 title columnheader(2), \
     for [i = 1:series] data index i using (low):1:(strcol(7)) with labels right offset character -0.7,0 \
         tc rgb word(label_colours, i) title columnheader(2), \
     for [i = 1:series] data index i using 5:1:(strcol(6)) with labels left offset character 0.6,0 \
         tc rgb '#1c1c1e' title columnheader(2)
