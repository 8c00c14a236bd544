
# --- a slide of a lesson, 16:9, to be read from the last row
# in the file, in blocks of x, y and text: 0 what it is, 1 large, 2 less large, 3 bars with their ends, 4 and 5 their texts
data = name.'.tsv'
set encoding utf8
set datafile separator "\t"
set datafile commentschars ''
set terminal pngcairo size 1920,1080 noenhanced background rgb 'white' font 'sans,30'
set output name.'.png'
unset key
unset tics
unset border
set lmargin 0
set rmargin 0
set tmargin 0
set bmargin 0
set xrange [0:1920]
set yrange [0:1080]
set style fill solid noborder
plot data index 0 using 1:2:3 with labels left font 'sans,30' tc rgb '#5f6267', \
     data index 1 using 1:2:3 with labels left font 'sans Bold,50' tc rgb '#1c1c1e', \
     data index 2 using 1:2:3 with labels left font 'sans,42' tc rgb '#1c1c1e', \
     data index 3 using 1:2:4:5:6:7:8 with boxxyerror lc rgb variable, \
     data index 4 using 1:2:3 with labels right font 'sans,34' tc rgb '#1c1c1e', \
     data index 5 using 1:2:3 with labels left font 'sans Bold,38' tc rgb '#1c1c1e'
unset output
