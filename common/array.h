/* array: how many elements an array has. */
#ifndef COMMON_ARRAY_H
#define COMMON_ARRAY_H

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#endif
