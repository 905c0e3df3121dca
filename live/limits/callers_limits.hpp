// The resource limits that the program was started with: room is made where it may be, and a limit that was met has a
// name in messages.
#pragma once

#include <optional>
#include <string>

namespace netlimits::live {

// At the beginning of the program, before any thread: a file that would become larger than RLIMIT_FSIZE is an error of
// write() from now on and not the end of the program, and the stacks of this and of all further threads are as large
// as the program needs, where the hard limit lets them. Returns in a sentence why that is not enough.
std::optional<std::string> make_room();

// The text of an errno, with the limit behind it and its value where one gives this error: "Too many open files
// (RLIMIT_NOFILE is 4: ulimit -n)".
std::string error_text(int number);
// The same for memory that could not be had, and for a process or thread that could not be started.
std::string no_memory_text();
std::string no_process_text();

}  // namespace netlimits::live
