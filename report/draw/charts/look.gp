
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
