# canvas.gp: draws pictures. Called as
#
#   gnuplot -d -c canvas.gp svg|png "WIDTH ..." "HEIGHT ..." FIRST STEP
#
# in a folder that holds 0.dat, 1.dat, ...: marks in pixels, one block per kind of mark (report/draw/canvas.h).
# It writes N.svg or N.png for N = FIRST, FIRST + STEP, ... The report program decides where things go, as
# it has to keep labels apart; this script decides how they look. It is constant: every value comes from the
# data files or the arguments, and none of their text is ever executed.
#
# A line of data ends with two colours. The second is the one to see, in a PNG. The first goes into the SVG: it
# says what the mark is and to which model it belongs, so that the page can style and hide it (report/draw/ink.h).

set encoding utf8
set datafile separator "\t"
set datafile commentschars ''
set datafile missing ''
unset border; unset tics; unset key; unset title
set lmargin 0; set rmargin 0; set tmargin 0; set bmargin 0
set style fill solid 1.0 noborder

is_svg = ARG1 eq 'svg'
c = is_svg ? 0 : 1   # which of the two colours

do for [n = int(ARG4) : words(ARG2) - 1 : int(ARG5)] {
    w = int(word(ARG2, n + 1))
    h = int(word(ARG3, n + 1))
    if (is_svg) {
        set terminal svg size w,h dynamic noenhanced font 'system-ui,Helvetica,Arial,sans-serif,12.5' linewidth 1
    } else {
        set terminal pngcairo size 2 * w,2 * h noenhanced font 'DejaVu Sans,8.6' fontscale 2 linewidth 2 \
            pointscale 2 background rgb 'white'
    }
    set output sprintf('%d.%s', n, is_svg ? 'svg' : 'png')
    data = sprintf('%d.dat', n)
    set xrange [0:w]
    set yrange [0:h]
    plot data index 0 using 1:2:(column(3 + c)) with lines lw 0.7 dt 1 lc rgb variable, \
         data index 1 using 1:2:3:4:5:6:(column(7 + c)) with boxxyerror lc rgb variable, \
         data index 2 using 1:2:(column(3 + c)) with lines lw 1 dt 1 lc rgb variable, \
         data index 3 using 1:2:(column(3 + c)) with lines lw 1 dt 1 lc rgb variable, \
         for [i = 9:(is_svg ? 9 : 8)] data index i using 1:2:(column(3 + c)) with lines lw 1.8 dt 1 lc rgb variable, \
         for [i = 10:(is_svg ? 9 : 11)] data index i using 1:2:(column(3 + c)) with lines lw (i == 10 ? 1.8 : 1) dt 1 \
             lc rgb variable, \
         data index 4 using 1:2:3:(column(4 + c)) with points pt variable ps 0.62 lw 1.4 lc rgb variable, \
         data index 5 using 1:2:3:(column(4 + c)) with labels left tc rgb variable, \
         data index 6 using 1:2:3:(column(4 + c)) with labels center tc rgb variable, \
         data index 7 using 1:2:3:(column(4 + c)) with labels right tc rgb variable, \
         data index 8 using 1:2:3:(column(4 + c)) with labels left tc rgb variable font ':Bold'
    unset output
}
