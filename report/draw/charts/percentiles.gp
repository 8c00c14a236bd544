
# --- percentiles: each step to the right is a tenth of the requests that are left
nines(q) = -log10(1 - (q < 0.9999999 ? q : 0.9999999))
edge = nines(x_high) * (1 + gap)
set xrange [0:edge]
set xtics ()
is_narrow = (width - right - 60) * 0.7 / edge < font_size * 3  # no room for both 50 % and 90 %
do for [q in '0.5 0.9 0.99 0.999 0.9999 0.99999'] {
    if (q + 0 <= x_high && !(is_narrow && q eq '0.9')) { set xtics add (sprintf('%g', q * 100).' %%' nines(q + 0)) }
}
plot for [i = 1:series] data index i using (nines($1)):2 with lines ls i title columnheader(2), \
     for [i = 1:series] data index i using (nines($1)):5 with points ls i title columnheader(2), \
     for [i = 1:series] data index i using (nines($1)):2:(edge - nines($1)):($6 - $2) with vectors nohead ls i lw 0.7 dt (2,3) title columnheader(2), \
     for [i = 1:series] data index i using (edge):6:(strcol(7)) with labels left offset character 0.4,0 \
         tc rgb word(label_colours, i) title columnheader(2)
