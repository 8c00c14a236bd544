
# --- the same as PNG, at twice the size
if (strstrt(formats, 'png')) {
    set terminal pngcairo size 2 * width,2 * height noenhanced background rgb 'white' linewidth 2 pointscale 2 \
        dashlength 2 fontscale 2 font sprintf('DejaVu Sans,%g', font_size * 0.69)
    set label 1 font ':Bold'
    set output name.'.png'
    replot
}
set output
