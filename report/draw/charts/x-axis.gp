
# --- the values to the right, a row for each series
set lmargin at screen left / (width + 0.)
set grid xtics lt 1 lc rgb '#dfe1e5' lw 0.7 dt solid
set xrange [low:high]
set yrange [0:series]
unset ytics
set xtics ()
if (is_log) {
    set logscale x 10
    per_decade = high / low > 100 ? '1' : '1 2 5'
    do for [e = floor(log10(low)):ceil(log10(high))] { do for [m in per_decade] {
        v = m * 10. ** e
        if (v >= low && v <= high) { set xtics add (commas(v) v) }
    } }
} else {
    # a number at every second line, or fewer, where there is no room for all
    every = 1 + int(strlen(commas(high)) * font_size * 0.75 / ((width - left - right) * step / high))
    do for [k = 0:int(high / step + 0.5)] { set xtics add (k % every ? '' : commas(k * step) k * step) }
}
set border 2 back
