# slow-origin-throughput.gp draws slow-origin-throughput.svg and slow-origin-throughput.png. Its texts and values are in slow-origin-throughput.tsv.
# Change what you like, and run: gnuplot slow-origin-throughput.gp
reset
name = 'slow-origin-throughput'
width = 1040; height = 330; font_size = 14  # pixels
top = 42; bottom = 52; right = 90
low = 37.6348853; high = 6648.5303; step = 0; is_log = 1
xs = '1 8 32 128'  # requests in flight
gap = 0.039  # of the width, for the hairlines to the labels
series = 4  # blocks of the file after the first; their lines, and the colours of their labels:
set style line 1 lc rgb '#75787e' lw 1.8 pt 4 ps 0.72 dt (5,4)
set style line 2 lc rgb '#0072b2' lw 1.8 pt 7 ps 0.72 dt 1
set style line 3 lc rgb '#009e73' lw 1.8 pt 9 ps 0.72 dt 1
set style line 4 lc rgb '#d55e00' lw 1.8 pt 5 ps 0.72 dt 1
label_colours = '#62656a #00639a #00775a #b04e00'

# --- how every chart looks
if (!exists('formats')) formats = 'svg png'
data = name.'.tsv'
set encoding utf8
set datafile separator "\t"
set datafile missing ''
set datafile commentschars ''
stats data index 0 using (title = strcol(1), x_name = strcol(2), 0) nooutput
commas(x) = x < 1000 ? sprintf('%g', x) : \
    x < 1e6 ? sprintf('%d,%03d', int(x) / 1000, int(x) % 1000) : \
    sprintf('%d,%03d,%03d', int(x / 1e6), int(x) / 1000 % 1000, int(x) % 1000)
set terminal svg size width,height dynamic noenhanced background rgb 'white' linewidth 1 \
    font sprintf('system-ui,Helvetica,Arial,sans-serif,%g', font_size)
set output name.'.svg'
unset key
set label 1 title at screen 6. / width, screen 1 - (font_size + 2.) / height left font 'system-ui bold'
set tics nomirror scale 0 textcolor rgb '#5f6267'
set border 0 lc rgb '#8a8d93'
set tmargin at screen 1 - top / (height + 0.)
set bmargin at screen bottom / (height + 0.)
set rmargin at screen 1 - right / (width + 0.)
set style fill solid noborder

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

# --- the same as PNG, at twice the size
if (strstrt(formats, 'png')) {
    set terminal pngcairo size 2 * width,2 * height noenhanced background rgb 'white' linewidth 2 pointscale 2 \
        dashlength 2 fontscale 2 font sprintf('DejaVu Sans,%g', font_size * 0.69)
    set label 1 font ':Bold'
    set output name.'.png'
    replot
}
set output
