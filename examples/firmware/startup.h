#ifndef STARTUP_H
#define STARTUP_H

/* Ends the program by semihosting; the emulator's exit status is 0 when status is 0, else 1. */
__attribute__((noreturn)) void leave(int status);

#endif
