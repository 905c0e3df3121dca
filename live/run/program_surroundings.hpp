// What a program that is not ours finds around it: its environment, namespaces and file system.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

struct ProgramSurroundings {
  // Variables besides PATH, HOME, TMPDIR and PWD; a later one of a name counts.
  std::vector<std::pair<std::string, std::string>> environment{};
  // It may write wherever the caller may. Otherwise only in its own directories in memory.
  bool writes = false;
};

// A file system in memory, in the caller's mount namespace, in which every user of the sandbox may write.
SystemResult<void> mount_memory(const char* directory);

// Nothing of the caller's environment is left but what is named: what runs the caller must not decide what a program
// does, and the caller's secrets are not the program's business. `home`: HOME, TMPDIR and PWD.
// Requires: called in a process with one thread that is about to become the program.
SystemResult<void> set_environment(const ProgramSurroundings& surroundings, const char* home);

// The calling process gets ipc, uts and mount namespaces of its own: System V and POSIX queues and memory, the names of
// the machine, and a /dev/shm of its own. All other file systems but the one in memory at `home` can only be read,
// unless it may write. Devices stay as they are: on a file system that can only be read they can be written (open(2),
// EROFS). Requires: root of the user namespace, as within a Sandbox.
SystemResult<void> keep_to_itself(const ProgramSurroundings& surroundings, const char* home);

}  // namespace netlimits::live
