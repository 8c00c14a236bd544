/* interrupt.c: see interrupt.h. */
#include "harness/host/interrupt.h"

volatile sig_atomic_t interrupt_requested = 0;

void interrupt_by(int signal_number)
{
    interrupt_requested = signal_number;
}
