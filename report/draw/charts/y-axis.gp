
# --- the values upwards
set border 1 back
set grid ytics lt 1 lc rgb '#dfe1e5' lw 0.7 dt solid
set yrange [low:high]
set ytics ()
if (is_log) {
    set logscale y 10
    per_decade = high / low > 300 ? '1' : '1 2 5'
    do for [e = floor(log10(low)):ceil(log10(high))] { do for [m in per_decade] {
        v = m * 10. ** e
        if (v >= low && v <= high) { set ytics add (commas(v) v) }
    } }
} else {
    do for [k = 0:int((high - low) / step + 0.5)] { set ytics add (commas(low + k * step) low + k * step) }
}
set label 2 x_name at graph 0.5, screen (font_size * 0.8) / height center textcolor rgb '#5f6267'
