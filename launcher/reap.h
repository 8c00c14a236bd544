/* reap: the end of a runner's tree. The launcher is a subreaper, so whatever the runner
 * leaves behind becomes its child when the runner dies, daemons with their own session
 * included. */
#ifndef LAUNCHER_REAP_H
#define LAUNCHER_REAP_H

#include "launcher/launch_report.h"

/* Kills and reaps every child until none is left, or LAUNCH_REAP_MS have passed. Counts
 * them in report->orphans and their CPU in report->orphan_cpu_ns; sets unreaped. Those
 * that end by themselves within linger_ms are not counted. Call it after the runner
 * itself was reaped. */
void reap_orphans(struct launch_report *report, uint64_t linger_ms);

/* Peak resident size of this process image in bytes, from VmHWM (ru_maxrss would also
 * remember the harness that spawned us); 0 when /proc does not show it. */
uint64_t reap_own_peak_bytes(void);

#endif
