// setsockopt() and getsockopt() as a process of a script makes them.
#pragma once

#include "live/calls/script_worker.hpp"

namespace netlimits::live {

// Call::setsockopt and Call::getsockopt of WorkerQuestion. An option that is not known is ENOPROTOOPT.
void set_option(const WorkerQuestion& question, WorkerAnswer& answer);
void get_option(const WorkerQuestion& question, WorkerAnswer& answer);

}  // namespace netlimits::live
