
# --- a dot for each trial, in the order of the run
set xrange [0:x_high]
set xtics x_step
plot for [i = 1:series] data index i using 1:5 with points ls i title columnheader(2), \
     for [i = 1:series] data index i using (x_high):6:(strcol(7)) with labels left offset character 0.8,0 \
         tc rgb word(label_colours, i) title columnheader(2)
