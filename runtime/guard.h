/* guard: what libraries ask malloc for, they get, or the program ends (common/memory.h):
 * libraries cope with a refusal each in their own way, and some crash. The price is one
 * call more for each, the same for every model. */
#ifndef RUNTIME_GUARD_H
#define RUNTIME_GUARD_H

/* First thing in main: jansson and, where it is loaded, OpenSSL. */
void guard_libraries(void);

#endif
