
# --- dots on a logarithmic axis, where bars from zero would show only the longest
plot for [i = 1:series] data index i using (low):1:($2 - low):(0) with vectors nohead lc rgb '#8a8d93' lw 0.7 dt (2,3) title columnheader(2), \
     for [i = 1:series] data index i using 3:1:($4 - $3):(0) with vectors heads size character 0.25,90 nofilled ls i lw 1 dt 1 title columnheader(2), \
     for [i = 1:series] data index i using 2:1 with points ls i title columnheader(2), \
     for [i = 1:series] data index i using (low):1:(strcol(7)) with labels right offset character -0.7,0 \
         tc rgb word(label_colours, i) title columnheader(2), \
     for [i = 1:series] data index i using 5:1:(strcol(6)) with labels left offset character 1.1,0 \
         tc rgb '#1c1c1e' title columnheader(2)
