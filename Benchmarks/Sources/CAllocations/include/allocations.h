#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

/// How often this thread has asked for memory, ever; 0 where it can't be told.
long allocation_count(void);

#endif
