// Ctrl-C as an ordinary way out: what holds a sandbox notices it, unwinds, and its destructor cleans up.
#pragma once

namespace netlimits::live {

// Thrown by stop_if_interrupted(). No error: the user asked for the end.
struct Interrupted {};

// From now on SIGINT, SIGTERM and SIGHUP end the program at once with this exit code: for what holds nothing that would
// have to be cleaned up.
void exit_on_interrupts(int code);
// From now on SIGINT, SIGTERM and SIGHUP are remembered instead of ending the program at once. A second one ends it
// (the sandbox goes with it even so: its leader dies with its parent).
void remember_interrupts();
bool interrupted();
// Throws Interrupted when a signal came.
void stop_if_interrupted();

}  // namespace netlimits::live
